/** From the authorization request to the answer that the browser brings back. */
import * as rp from 'openid-client';
import { createBrowser } from '../browser.ts';
import type { Step } from '../run.ts';
import { newRequest, redirectUri, scopes, signInAgain, type Walk } from '../walk.ts';

export const unknownRedirect: Step<Walk> = {
  name: 'Unknown redirect URI',
  async run(walk, proof) {
    const { url } = await newRequest(walk.party, {
      redirect_uri: `${walk.application}/elsewhere`,
      scope: 'openid',
    });
    const page = await createBrowser(walk.server.issuer).open(url);
    proof.equal('an error page (400)', page.status, 400);
    proof.equal('no redirect', [page.headers.get('location'), page.left], [null, undefined]);
    proof.holds('the address is not repeated on it', !page.text.includes('elsewhere'), page.text);
  },
};

export const login: Step<Walk> = {
  name: 'Login page',
  async run(walk, proof) {
    const { email, password } = walk.person;
    walk.browser = createBrowser(walk.server.issuer);
    walk.request = await newRequest(walk.party, {
      redirect_uri: redirectUri(walk),
      scope: scopes,
      resource: walk.resource,
      prompt: 'consent',
    });
    const page = await walk.browser.open(walk.request.url);
    proof.equal('shown (200)', page.status, 200);
    proof.holds('names the client', page.text.includes(walk.client.name), page.text);
    proof.holds('has no script', !/<script|\son\w+=/i.test(page.text), page.text);
    const cookies = page.headers.getSetCookie();
    proof.holds(
      'cookies are HttpOnly',
      cookies.every((line) => /;\s*httponly/i.test(line)),
      cookies,
    );
    const forged = await walk.browser.submit(page, 'password', {
      fill: { email, password, csrf: 'forged' },
    });
    proof.equal('a forged form is refused (403)', forged.status, 403);
    const wrong = await walk.browser.submit(forged, 'password', {
      fill: { email, password: `not ${password}` },
    });
    proof.equal('a wrong password is refused (422)', wrong.status, 422);
    walk.page = await walk.browser.submit(wrong, 'password', { fill: { email, password } });
    proof.equal(
      'the right one leads to consent',
      [walk.page.status, walk.page.left],
      [200, undefined],
    );
  },
};

export const consent: Step<Walk> = {
  name: 'Consent page',
  async run(walk, proof) {
    const boxes = walk.page.forms
      .flatMap(({ controls }) => controls)
      .filter(({ type, name }) => type === 'checkbox' && name === 'scope');
    const write = `${walk.resource} orders:write`;
    proof.equal(
      'offers every optional scope',
      new Set(boxes.map(({ value }) => value)),
      new Set([
        ...['profile', 'email', 'phone', 'offline_access'],
        `${walk.resource} orders:read`,
        write,
      ]),
    );
    proof.holds(
      'names client and person',
      walk.page.text.includes(walk.client.name) && walk.page.text.includes(walk.person.email),
      walk.page.text,
    );
    const done = await walk.browser.submit(walk.page, 'decision', {
      untick: ['phone', write],
      press: 'decision=allow',
    });
    proof.holds('allowed, without phone and orders:write', done.left !== undefined, done.status);
    walk.answer = done.left as URL;
  },
};

export const response: Step<Walk> = {
  name: 'Authorization response',
  async run({ answer, request, server, ...walk }, proof) {
    const { searchParams } = answer;
    proof.equal(
      'sent to the registered address',
      answer.origin + answer.pathname,
      `${walk.application}/callback`,
    );
    proof.equal('code, state, iss and session_state only', [...searchParams.keys()].sort(), [
      'code',
      'iss',
      'session_state',
      'state',
    ]);
    proof.equal('state is the request’s', searchParams.get('state'), request.checks.expectedState);
    proof.equal('iss is the issuer (RFC 9207)', searchParams.get('iss'), server.issuer);
  },
};

export const pkce: Step<Walk> = {
  name: 'PKCE',
  async run(walk, proof) {
    const { request, answer, pages } = await signInAgain(walk);
    proof.equal('a second sign-in needs no page', pages, 0);
    const other = { ...request.checks, pkceCodeVerifier: rp.randomPKCECodeVerifier() };
    await proof.refused(
      'a code with a wrong verifier is refused',
      rp.authorizationCodeGrant(walk.party, answer, other),
      'invalid_grant',
    );
    const { url } = await newRequest(walk.party, {
      redirect_uri: redirectUri(walk),
      scope: 'openid',
    });
    url.searchParams.delete('code_challenge');
    url.searchParams.delete('code_challenge_method');
    const { left } = await walk.browser.open(url);
    proof.equal(
      'a request without a challenge is refused',
      left?.searchParams.get('error'),
      'invalid_request',
    );
  },
};
