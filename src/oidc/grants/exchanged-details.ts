/** Authorization details (RFC 9396) of a token that is had for another: those of the other, or less. */
import { type Client, errors } from 'oidc-provider';
import { type Detail, isWithin } from '../../clients/detail-values.ts';
import type { Resources } from '../../clients/resources.ts';
import { isFor } from '../authorization-details.ts';
import { readDetails } from '../requested-details.ts';
import type { Presented } from './subject-token.ts';

/** What a new token for a resource carries; each detail is for the resource that its token was for. */
export type FindDetails = (
  subject: Presented,
  identifier: string,
  client: Client,
  asked: string | undefined,
) => Promise<Detail[]>;

export const detailsFinder =
  (resources: Resources): FindDetails =>
  async (subject, identifier, client, asked) => {
    const given = subject.audience === identifier ? (subject.details ?? []) : [];
    const { authorizationDetailsTypes: registered } = client as Client & {
      authorizationDetailsTypes?: string[];
    };
    const open = await Promise.all(
      given.map(
        async (one) =>
          registered?.includes(one.type) && (await isFor(resources, identifier, one)) && one,
      ),
    );
    const most = open.filter((one) => typeof one === 'object');
    if (asked === undefined) return most;
    // The engine has looked at them, as it does for each grant.
    const wanted = readDetails(asked);
    if (wanted.every((one) => most.some((other) => isWithin(one, other)))) return wanted;
    throw new errors.InvalidAuthorizationDetails(
      'authorization_details: more than the subject_token has for this resource, or than this client may have',
    );
  };
