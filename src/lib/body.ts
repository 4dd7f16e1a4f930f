import type { IncomingMessage } from 'node:http';

/** Bytes, 384 KiB: a client with the most of everything that its properties allow fits into it. */
export const BODY_LIMIT = 393_216;

/** The body is larger than the reader of it allows. */
export class TooLargeError extends Error {
  readonly code = 'too_large';
}

/**
 * Reads a request's body as UTF-8 text.
 * @param limit bytes; one more and reading stops
 * @throws {TooLargeError}
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop must not destroy the stream: the connection would go, and the answer with it.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += (chunk as Buffer).length;
    if (size > limit) break;
    chunks.push(chunk as Buffer);
  }
  if (size > limit) {
    request.resume();
    throw new TooLargeError(`the body is larger than ${limit} bytes`);
  }
  return Buffer.concat(chunks).toString('utf8');
}
