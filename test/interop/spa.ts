/** A single-page application's own origin: three static files and the settings that a test chooses. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listen } from '../../src/listen.ts';

const file = (type: string, ...path: string[]) => ({
  type: `${type}; charset=utf-8`,
  body: readFileSync(join(import.meta.dirname, ...path)),
});
const library = '../../node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js';

export interface Spa {
  /** Of the same site as a server on 127.0.0.1. */
  origin: string;
  /** The same application on `localhost`, which to a browser is another site. */
  elsewhere: string;
  /** What the application is told on its next page. */
  settings: Record<string, unknown>;
  close(): Promise<void>;
}

export async function startSpa(): Promise<Spa> {
  const page = file('text/html', 'spa/index.html');
  const scripts = new Map([
    ['/app.js', file('text/javascript', 'spa/app.js')],
    ['/oidc-client-ts.js', file('text/javascript', library)],
  ]);
  const spa = { settings: {} };
  const listening = await listen(
    { host: '127.0.0.1', port: 0, trust_proxy: false },
    (request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
      const settings = { type: 'application/json', body: JSON.stringify(spa.settings) };
      // Every other address is the application's page, as such applications have it.
      const { type, body } =
        pathname === '/settings.json' ? settings : (scripts.get(pathname) ?? page);
      response.writeHead(200, { 'content-type': type }).end(body);
    },
  );
  return Object.assign(spa, {
    origin: `http://127.0.0.1:${listening.port}`,
    elsewhere: `http://localhost:${listening.port}`,
    close: () => listening.stop(0),
  });
}
