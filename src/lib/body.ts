import type { IncomingMessage } from 'node:http';

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
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new TooLargeError(`the body is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
