/** What the pages on which a person decides are told of what is asked for; see `models.ts`. */
import type { PageModel } from './models.ts';

/** One thing a client asks for. `title` and `description` of the standard scopes and claims are translated. */
export interface ScopeModel {
  readonly name: string;
  /** What its checkbox posts as `scope`; absent: the name. */
  readonly value?: string | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  /** Listed without a checkbox, so never posted. */
  readonly required?: boolean | undefined;
  /** Whether the client says that it cannot do without it. It can be declined all the same. */
  readonly essential?: boolean | undefined;
  /** Whether the checkbox is checked at first; absent: it is. */
  readonly checked?: boolean | undefined;
}

/** A value of a detail as it is shown; a truth value is said in the page's language. */
export type DetailValue = string | boolean;

/** What a client asks for beyond scopes (RFC 9396), in the page's language. It is allowed as a whole. */
export interface DetailModel {
  readonly title: string;
  /** Words of the resource, and between them values of the client. */
  readonly sentence: readonly (
    | { readonly text: string }
    | { readonly values: readonly DetailValue[] }
  )[];
  /** What the sentence does not say. */
  readonly facts: readonly {
    readonly name: string;
    readonly label?: string | undefined;
    readonly values: readonly DetailValue[];
  }[];
}

/** The form posts `csrf, decision` (`allow` or `deny`), and a `scope` or `claim` for each checked one. */
export interface ConsentModel extends PageModel {
  readonly action: string;
  readonly csrf: string;
  /** Who is signed in: what the person knows the account by. */
  readonly account: { readonly name?: string | undefined; readonly email: string };
  /** Where the answer is sent; only its host is shown. */
  readonly redirectUri?: string | undefined;
  readonly scopes: readonly ScopeModel[];
  /** Claims asked for individually. */
  readonly claims?: readonly ScopeModel[] | undefined;
  readonly resources?:
    | readonly {
        readonly name: string;
        readonly scopes: readonly ScopeModel[];
        readonly details?: readonly DetailModel[] | undefined;
      }[]
    | undefined;
  readonly error?: 'form_expired' | undefined;
}
