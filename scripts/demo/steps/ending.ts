/** How tokens and sessions end, and that they do. */
import { setTimeout } from 'node:timers/promises';
import * as rp from 'openid-client';
import { codeOf } from '../proof.ts';
import type { Step } from '../run.ts';
import {
  freshTokens,
  isActive,
  newRequest,
  redirectUri,
  signedOutUri,
  type Walk,
} from '../walk.ts';

export const codeReplay: Step<Walk> = {
  name: 'Code used twice',
  async run(walk, proof) {
    const { answer, request, access_token, refresh_token } = await freshTokens(walk);
    proof.equal('the first use gives active tokens', await isActive(walk, access_token), true);
    await proof.refused(
      'the second use is refused',
      rp.authorizationCodeGrant(walk.party, answer, request.checks),
      'invalid_grant',
    );
    proof.equal(
      'the access token of the first is inactive',
      await isActive(walk, access_token),
      false,
    );
    await proof.refused(
      'its refresh token is refused',
      rp.refreshTokenGrant(walk.party, String(refresh_token)),
      'invalid_grant',
    );
  },
};

export const refreshReplay: Step<Walk> = {
  name: 'Refresh token used twice',
  async run(walk, proof) {
    const stolen = await freshTokens(walk);
    const tokens = await rp.refreshTokenGrant(walk.party, String(stolen.refresh_token));
    await proof.refused(
      'the old one is refused',
      rp.refreshTokenGrant(walk.party, String(stolen.refresh_token)),
      'invalid_grant',
    );
    await proof.refused(
      'the new one is refused as well',
      rp.refreshTokenGrant(walk.party, String(tokens.refresh_token)),
      'invalid_grant',
    );
    proof.equal('the access token is inactive', await isActive(walk, tokens.access_token), false);
  },
};

export const revocation: Step<Walk> = {
  name: 'Revocation',
  async run(walk, proof) {
    const { access_token, refresh_token } = await freshTokens(walk);
    await rp.tokenRevocation(walk.party, access_token);
    proof.equal('a revoked access token is inactive', await isActive(walk, access_token), false);
    const sub = walk.person.id;
    const answer = await rp.fetchUserInfo(walk.party, access_token, sub).then(
      () => 200,
      (error) => error.status,
    );
    proof.equal('UserInfo refuses it (401)', answer, 401);
    await rp.tokenRevocation(walk.party, String(refresh_token));
    await proof.refused(
      'a revoked refresh token is refused',
      rp.refreshTokenGrant(walk.party, String(refresh_token)),
      'invalid_grant',
    );
  },
};

export const logout: Step<Walk> = {
  name: 'Logout',
  async run(walk, proof) {
    const offline = await freshTokens(walk, { scope: 'openid offline_access', prompt: 'consent' });
    const state = rp.randomState();
    const url = rp.buildEndSessionUrl(walk.party, {
      id_token_hint: String(offline.id_token),
      post_logout_redirect_uri: signedOutUri(walk),
      state,
    });
    const page = await walk.browser.open(url);
    proof.equal('the person is asked', page.status, 200);
    const { left } = await walk.browser.submit(page, 'logout', { press: 'logout=yes' });
    proof.equal(
      'back at post_logout_redirect_uri',
      left && left.origin + left.pathname,
      signedOutUri(walk),
    );
    proof.equal('state is the request’s', left?.searchParams.get('state'), state);
    const { url: silent } = await newRequest(walk.party, {
      redirect_uri: redirectUri(walk),
      scope: 'openid',
      prompt: 'none',
    });
    const after = await walk.browser.open(silent);
    proof.equal(
      'prompt=none: login_required',
      after.left?.searchParams.get('error'),
      'login_required',
    );
    const renewed = await rp.refreshTokenGrant(walk.party, String(offline.refresh_token));
    proof.equal('offline access survives', renewed.claims()?.sub, walk.person.id);
  },
};

export const sessionTokens: Step<Walk> = {
  name: 'Access while signed in',
  async run(walk, proof) {
    const tokens = await freshTokens(walk);
    const page = await walk.browser.open(
      rp.buildEndSessionUrl(walk.party, { id_token_hint: String(tokens.id_token) }),
    );
    proof.equal(
      'without offline_access: active before logout',
      await isActive(walk, tokens.access_token),
      true,
    );
    const done = await walk.browser.submit(page, 'logout', { press: 'logout=yes' });
    proof.equal(
      'logout without an address ends on a page',
      [done.status, done.left],
      [200, undefined],
    );
    await proof.refused(
      'the refresh token ends with the session',
      rp.refreshTokenGrant(walk.party, String(tokens.refresh_token)),
      'invalid_grant',
    );
  },
};

/** Asks until the answer is `wanted`: other processes hear of a change a tenth of a second later. */
async function soon<T>(ask: () => Promise<T>, wanted: T, patience = 2000): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    const answer = await ask();
    if (answer === wanted || Date.now() > deadline) return answer;
    await setTimeout(25);
  }
}

export const deletion: Step<Walk> = {
  name: 'Deletion',
  async run(walk, proof) {
    const gone = [...walk.created].reverse();
    const answers: number[] = [];
    for (const path of gone) answers.push((await walk.api('DELETE', path)).status);
    proof.equal(
      'what was made is deleted',
      answers,
      gone.map(() => 204),
    );
    const { status } = await walk.api('GET', `/clients/${walk.client.id}`);
    proof.equal('the client is not found (404)', status, 404);
    const ask = () => rp.tokenIntrospection(walk.party, 'anything').then(() => 'accepted', codeOf);
    proof.equal('its secret is refused', await soon(ask, 'invalid_client'), 'invalid_client');
    const own = await walk.api('DELETE', `/clients/${walk.server.admin.id}`);
    proof.equal('automation deletes itself', own.status, 204);
    const after = await soon(async () => (await walk.api('GET', '/clients')).status, 401);
    proof.equal('its token ends with it (401)', after, 401);
  },
};
