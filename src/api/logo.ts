/**
 * Clients' logos, fetched by the server so that whoever looks at a client does not tell its host who
 * and where they are. What comes is a picture by its own bytes, small, and no larger than a screen
 * when it unfolds; anything else is no logo.
 */
import { z } from 'zod';
import type { Clients } from '../clients/clients.ts';
import { fetchOptions } from '../config/fetch.ts';
import type { Config } from '../config/schema.ts';
import { createFetch, FetchError } from '../lib/fetch.ts';
import { type Picture, pictureOf } from '../lib/picture.ts';
import { Problem } from '../lib/problem.ts';
import { epoch } from '../lib/time.ts';
import { named } from './representation.ts';
import type { Route } from './route.ts';

/** The most that a logo has, bytes. */
const MOST = 262_144;
/** Pixels either way; a few kilobytes may unfold to a billion of them. */
const WIDEST = 4096;
/** Seconds for which an address that had no logo is not asked again, and how many are kept in mind. */
const FORGIVEN = 300;
const FAILED_KEPT = 1000;

const LogoView = named(
  'ClientLogo',
  z.strictObject({
    media_type: z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp']),
    data: z.base64().describe('The picture, at most 256 KiB'),
  }),
);

interface Logo {
  type: Picture['type'];
  bytes: Buffer;
}

/** What is at an address, if it may be shown. */
export type LogoAt = (uri: string) => Promise<Logo | undefined>;

export function createLogos(config: Config): LogoAt {
  const fetch = createFetch({ ...fetchOptions(config), max_bytes: MOST });
  /** Until when, by address, oldest first. */
  const failed = new Map<string, number>();

  async function read(uri: string): Promise<Logo | undefined> {
    const accept = 'image/png, image/jpeg, image/webp, image/gif';
    const response = await fetch(uri, { headers: { accept } });
    if (response.status !== 200) {
      await response.body?.cancel();
      return undefined;
    }
    const bytes = Buffer.from(await response.arrayBuffer());
    const picture = pictureOf(bytes);
    const fits = picture && Math.max(picture.width, picture.height) <= WIDEST;
    return fits ? { type: picture.type, bytes } : undefined;
  }

  return async (uri) => {
    if ((failed.get(uri) ?? 0) > epoch()) return undefined;
    const logo = await read(uri).catch((error) => {
      if (error instanceof FetchError) return undefined;
      throw error;
    });
    failed.delete(uri);
    if (!logo) failed.set(uri, epoch() + FORGIVEN);
    const [oldest] = failed.keys();
    if (oldest !== undefined && failed.size > FAILED_KEPT) failed.delete(oldest);
    return logo;
  };
}

export function logoRoutes({
  clients,
  logoAt,
}: {
  clients: Pick<Clients, 'get'>;
  logoAt: LogoAt;
}): Route[] {
  return [
    {
      method: 'get',
      path: '/clients/{client_id}/logo',
      summary: 'Fetch what logo_uri leads to, if it is a PNG, JPEG, GIF or WebP picture',
      tag: 'clients',
      scope: 'clients:read',
      status: 200,
      response: LogoView,
      handle: async ({ params }) => {
        const { value } = await clients.get(params.client_id as string);
        const { logo_uri } = value.metadata;
        const logo = logo_uri === undefined ? undefined : await logoAt(logo_uri);
        if (!logo) throw new Problem('not_found', 'The client has no logo that can be shown.');
        return { body: { media_type: logo.type, data: logo.bytes.toString('base64') } };
      },
    },
  ];
}
