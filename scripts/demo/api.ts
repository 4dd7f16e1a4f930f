/** The administration API, as a script of an operator would call it. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the walk looks into answers and proves what is there
  body: any;
}

export type Api = (method: string, path: string, body?: unknown) => Promise<Answer>;

/** @param base `ISSUER/api/v1` @param token a bearer token; without one nothing is presented */
export const createApi =
  (base: string, token?: string): Api =>
  async (method, path, body) => {
    const response = await fetch(`${base}${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text ? JSON.parse(text) : undefined,
    };
  };
