import type { Rest } from './rest.ts';
import type { Flash, Session } from './sessions.ts';
import type { Workbench } from './try/workbench.ts';

/** One request of somebody who is signed in. */
export interface Visit {
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  /** What was posted; empty for GET. It came from a page of this server. */
  form: URLSearchParams;
  rest: Rest;
  /** The address of this server, as its tokens name it. */
  issuer: string;
  session: Readonly<Session>;
  /** What is shown this once, on this page. */
  once: Readonly<Record<string, string>>;
  /** What trying a client needs beyond the API; of this session alone. */
  tries: Workbench;
  /** Whether the person's roles allow this (a scope of the API); what is not allowed is not offered. */
  may(scope: string): boolean;
  locale: string;
  /** A text of the dashboard in the person's language, not escaped: for what is no page. */
  text(key: string, parameters?: Readonly<Record<string, unknown>>): string;
  /** The correlation id of this request. */
  id: string;
}

/** A page to show. */
export interface View {
  /** The template below `views/THEME/dashboard`, without its ending. */
  view: string;
  /** What the template knows, beside what the frame tells every page. Lines of code as arrays. */
  model: object;
  /** Default 200. */
  status?: number;
}

/** Where to go on (303). */
export interface Go {
  go: string;
  flash?: Flash;
  /** Shown on that page and gone with it; see `Session.once`. */
  once?: Readonly<Record<string, string>>;
}

/** What is no page: an export, a picture. */
export interface File {
  /** Default 200. */
  status?: number;
  type: string;
  body: string | Buffer;
  /** Offered to be kept under this name; absent: shown. */
  name?: string;
  headers?: Readonly<Record<string, string>>;
}

export interface Page {
  method: 'get' | 'post';
  /** Below `/dashboard`, as the router writes it: `/clients/:id`. */
  path: string;
  /** The scope of the API without which the page does not open. */
  scope: string;
  /** Dangerous: the person must have shown who they are within the last minutes (step-up). */
  fresh?: true;
  /** Thrown `Refused`s that a page does not take itself become a page that says what the API said. */
  handle(visit: Visit): Promise<View | Go | File>;
}
