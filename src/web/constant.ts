import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DeclaredTypes } from '../clients/declared-types.ts';
import { at, type Part } from '../lib/by-path.ts';
import { digest } from '../lib/ids.ts';
import { resourceMetadataPath } from '../oidc/resource-metadata.ts';

const discovery = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
] as const;

/** Documents that are the same for everyone. */
const publicDocuments: readonly string[] = [
  ...discovery,
  `${resourceMetadataPath}/api/v1`,
  '/jwks',
];

/** A document that changes while the server runs. */
export interface Changing {
  /** What it is made from now; the same object until that changes. */
  current(): object;
  /** How long caches may keep it, seconds. */
  maxAge: number;
}

/** The keys, and what is discovered: that names types which resources declare. */
export function changingDocuments(
  jwks: Changing,
  types: DeclaredTypes,
): Readonly<Record<string, Changing>> {
  // While it is not known what there is now, no document is made from it.
  const unknown = () => ({});
  const current = () => (types.isCurrent() ? types.current() : unknown());
  const discovered = discovery.map((path) => [path, { current, maxAge: 300 }]);
  return { '/jwks': jwks, ...Object.fromEntries(discovered) };
}

interface Document {
  /** What it was made from. */
  content: unknown;
  source: Changing | undefined;
  /** ASCII, so that headers and body leave in one write. */
  body: string;
  etag: string;
  headers: Record<'ETag' | 'Cache-Control', string>;
  /** The same as Node takes them fastest. */
  flat: string[];
}

const escaped = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Documents that are the same for everyone: what the engine answered the first time. */
export interface ConstantDocuments {
  /** Keeps a document as it goes by. */
  keep: Part;
  /** Answers from memory, before any framework; false when this is no request for a kept document. */
  serve(request: IncomingMessage, response: ServerResponse): boolean;
}

/**
 * Public documents: any origin may read them, and any cache keep them for five minutes.
 * @param base the issuer's own path, which they are below
 * @param changing those of them, by path, that are not the same for ever
 */
export function constantDocuments(
  base: string,
  changing: Readonly<Record<string, Changing>> = {},
): ConstantDocuments {
  const documents = new Map<string, Document>();

  const prepare = (body: string, content: unknown, source: Changing | undefined): Document => {
    const etag = `"${digest(body).slice(0, 27)}"`;
    const headers = {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': String(body.length),
      'Cache-Control': `public, max-age=${source?.maxAge ?? 300}`,
      'Access-Control-Allow-Origin': '*',
      'X-Content-Type-Options': 'nosniff',
      ETag: etag,
    };
    return { content, source, body, etag, headers, flat: Object.entries(headers).flat() };
  };

  const isOutdated = ({ content, source }: Document) =>
    source !== undefined && source.current() !== content;

  const serve: ConstantDocuments['serve'] = (request, response) => {
    const document = request.method === 'GET' ? documents.get(request.url ?? '') : undefined;
    if (!document || isOutdated(document)) return false;
    if (request.headers['if-none-match'] === document.etag) {
      const { ETag, 'Cache-Control': control } = document.headers;
      response.writeHead(304, { ETag, 'Cache-Control': control }).end();
    } else {
      response.writeHead(200, document.flat).end(document.body, 'latin1');
    }
    return true;
  };

  return {
    serve,
    keep: at(publicDocuments, (ctx, next) => {
      if (ctx.method !== 'GET') return next();
      const source = changing[ctx.path];
      const content = source?.current();
      return next().then(() => {
        if (ctx.status !== 200) return;
        const body = JSON.stringify(ctx.body).replace(/[^ -~]/g, escaped);
        const document = prepare(body, content, source);
        documents.set(base + ctx.path, document);
        ctx.set(document.headers);
        ctx.body = document.body;
      });
    }),
  };
}
