import type { Page } from '../../page.ts';
import { Refused } from '../../rest.ts';

/** A picture is shown as one and does nothing, whatever it holds; nobody else's page shows it. */
const headers = {
  'Content-Security-Policy': "sandbox; default-src 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

const keep = (seconds: number) => ({ 'Cache-Control': `private, max-age=${seconds}` });

/** A client's logo, or nothing, upon which the page shows initials. */
export const logo: Page = {
  method: 'get',
  path: '/clients/:id/logo',
  scope: 'clients:read',
  async handle({ rest, params }) {
    try {
      const { media_type, data } = await rest.get<{ media_type: string; data: string }>(
        `/clients/${encodeURIComponent(params.id as string)}/logo`,
      );
      return {
        type: media_type,
        body: Buffer.from(data, 'base64'),
        headers: { ...headers, ...keep(3600) },
      };
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 404) throw error;
      return { status: 404, type: 'text/plain', body: '', headers: { ...headers, ...keep(300) } };
    }
  },
};
