/**
 * Answers `client_id session_state` with `unchanged`, `changed` or `error`
 * (OpenID Connect Session Management 1.0, section 3.2).
 */
(() => {
  const cookie = `${document.currentScript.dataset.cookie}=`;

  const browserState = () =>
    document.cookie
      .split('; ')
      .find((one) => one.startsWith(cookie))
      ?.slice(cookie.length) ?? '';

  async function digest(text) {
    const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
    return btoa(String.fromCharCode(...new Uint8Array(bytes)))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replaceAll('=', '');
  }

  /** Of the page around this one, as far as the browser tells. */
  const parentOrigin =
    location.ancestorOrigins?.[0] ??
    (document.referrer ? new URL(document.referrer).origin : undefined);

  async function answer(data, origin) {
    const [, clientId, hash, salt] =
      (typeof data === 'string' && /^([^ ]+) ([\w-]{43})\.([\w-]{1,64})$/.exec(data)) || [];
    // In browsers that keep third parties from their cookies nothing can be told: with `changed` the
    // relying party would ask for another login, and after that again.
    if (!clientId || (await document.hasStorageAccess?.()) === false) return 'error';
    const now = await digest(`${clientId} ${origin} ${browserState()} ${salt}`);
    return now === hash ? 'unchanged' : 'changed';
  }

  addEventListener('message', async ({ data, origin, source }) => {
    if (!source || (parentOrigin !== undefined && origin !== parentOrigin)) return;
    source.postMessage(await answer(data, origin).catch(() => 'error'), origin);
  });
})();
