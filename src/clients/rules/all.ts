import { authentication } from './authentication.ts';
import { flows } from './flows.ts';
import { redirectUris } from './redirect-uris.ts';
import type { Rule } from './rule.ts';
import { typeLayers } from './type-layers.ts';

/** The rules that every client must keep, whatever its profile. */
export const rules: readonly Rule[] = [redirectUris, flows, authentication, typeLayers];
