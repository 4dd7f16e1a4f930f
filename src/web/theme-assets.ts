import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** A file beside the templates, held in memory. */
export interface Asset {
  readonly type: string;
  readonly body: Buffer;
  /** Quoted, as in the header. */
  readonly etag: string;
  /** What pages append as `?v=`. */
  readonly version: string;
  /** For a request whose `v` is `version`; any other one is better not stored. */
  readonly cacheControl: string;
}

const ASSET_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.ico': 'image/x-icon',
};

/** The files in a theme's `assets` folder, by the path that they are served at. */
export function readAssets(views: string, theme: string): [string, Asset][] {
  const folder = join(views, theme, 'assets');
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => extname(file) in ASSET_TYPES);
  const version = (body: Buffer) => createHash('sha256').update(body).digest('hex').slice(0, 16);
  const versions = new Map(files.map((file) => [file, version(readFileSync(join(folder, file)))]));
  // What a style sheet names is as long-lived as itself, so it names the version too.
  const versioned = (css: string) =>
    css.replace(/url\("([^"/]+)"\)/g, (all, file: string) =>
      versions.has(file) ? `url("${file}?v=${versions.get(file)}")` : all,
    );
  return files.map((file) => {
    const read = readFileSync(join(folder, file));
    const body = file.endsWith('.css') ? Buffer.from(versioned(read.toString())) : read;
    return [
      `/assets/${theme}/${file}`,
      {
        type: ASSET_TYPES[extname(file)] as string,
        body,
        etag: `"${version(body)}"`,
        version: version(body),
        cacheControl: 'public, max-age=31536000, immutable',
      },
    ];
  });
}
