import type { Middleware } from 'koa';
import { digest } from '../lib/ids.ts';

interface Document {
  body: Buffer;
  etag: string;
}

/**
 * Serves documents that are the same for everyone from memory: what the engine answered the first
 * time. They are public, so any origin may read them and any cache keep them for five minutes.
 * @param paths exact, without query
 */
export function constantDocuments(paths: readonly string[]): Middleware {
  const constant = new Set(paths);
  const documents = new Map<string, Document>();

  return async (ctx, next) => {
    const { path } = ctx;
    if (ctx.method !== 'GET' || !constant.has(path)) return next();
    let document = documents.get(path);
    if (!document) {
      await next();
      if (ctx.status !== 200) return undefined;
      const body = Buffer.from(JSON.stringify(ctx.body));
      document = { body, etag: `"${digest(body.toString()).slice(0, 27)}"` };
      documents.set(path, document);
    }
    ctx.set({
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'public, max-age=300',
      'Access-Control-Allow-Origin': '*',
      'X-Content-Type-Options': 'nosniff',
      ETag: document.etag,
    });
    ctx.status = 200;
    if (ctx.get('if-none-match') === document.etag) ctx.status = 304;
    else ctx.body = document.body;
    return undefined;
  };
}
