import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Middleware } from 'koa';
import { digest } from '../lib/ids.ts';

interface Document {
  /** ASCII, so that headers and body leave in one write. */
  body: string;
  etag: string;
  headers: Record<string, string>;
  /** The same as Node takes them fastest. */
  flat: string[];
}

const escaped = (character: string): string =>
  `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Documents that are the same for everyone: what the engine answered the first time. */
export interface ConstantDocuments {
  /** Keeps a document as it goes by. */
  keep: Middleware;
  /** Answers from memory, before any framework; false when this is no request for a kept document. */
  serve(request: IncomingMessage, response: ServerResponse): boolean;
}

/**
 * Public documents: any origin may read them, and any cache keep them for five minutes.
 * @param paths exact, without query, below the issuer's own path `base`
 */
export function constantDocuments(paths: readonly string[], base: string): ConstantDocuments {
  const constant = new Set(paths);
  const documents = new Map<string, Document>();

  const prepare = (content: unknown): Document => {
    const body = JSON.stringify(content).replace(/[^ -~]/g, escaped);
    const etag = `"${digest(body).slice(0, 27)}"`;
    const headers = {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': String(body.length),
      'Cache-Control': 'public, max-age=300',
      'Access-Control-Allow-Origin': '*',
      'X-Content-Type-Options': 'nosniff',
      ETag: etag,
    };
    return { body, etag, headers, flat: Object.entries(headers).flat() };
  };

  const serve: ConstantDocuments['serve'] = (request, response) => {
    const document = request.method === 'GET' ? documents.get(request.url ?? '') : undefined;
    if (!document) return false;
    if (request.headers['if-none-match'] === document.etag) {
      response
        .writeHead(304, { ETag: document.etag, 'Cache-Control': 'public, max-age=300' })
        .end();
    } else {
      response.writeHead(200, document.flat).end(document.body, 'latin1');
    }
    return true;
  };

  return {
    serve,
    keep(ctx, next) {
      if (ctx.method !== 'GET' || !constant.has(ctx.path)) return next();
      return next().then(() => {
        if (ctx.status !== 200) return;
        const document = prepare(ctx.body);
        documents.set(base + ctx.path, document);
        ctx.set(document.headers);
        ctx.body = document.body;
      });
    },
  };
}
