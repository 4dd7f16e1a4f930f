import type { Page } from '../page.ts';
import { grants } from './grants.ts';
import { sessions } from './sessions.ts';

/** Who is signed in, and what they allowed. */
export const accessPages: readonly Page[] = [...sessions, grants];
