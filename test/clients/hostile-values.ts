/** Addresses and texts that somebody registers to lead people elsewhere, or to show what is not there. */

/**
 * Characters that are not seen or that reorder what is: controls, zero-width, bidi, fillers, tags and
 * annotations (Unicode TR36, section 3.2), and half a character.
 */
export const invisibles: readonly string[] = [
  ...'\0\t\n\r\u001b\u007f\u0085\u009b',
  ...'\u00ad\u034f\u061c\u115f\u1160\u17b4\u180e\u200b\u200c\u200d\u200e\u200f',
  ...'\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2064',
  ...'\u2066\u2067\u2068\u2069\u206f\u3164\ufeff\uffa0\u{e0001}\u{e0041}',
  '\r\n',
  '\ud800',
  '\udc00',
];

/** Not shown as a link, not fetched, whatever property has them. */
export const hostileLinks: readonly string[] = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\tscript:alert(1)',
  ' javascript:alert(1)',
  'javascript://rp.example/%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'DATA:text/html;base64,PHNjcmlwdD4=',
  'vbscript:msgbox(1)',
  'intent://rp.example/#Intent;scheme=https;end',
  'blob:https://rp.example/1',
  'file:///etc/passwd',
  'about:blank',
  'ftp://rp.example/',
  'com.example.app:/here',
  // Without a scheme, or with one and nothing that a browser needs after it.
  '//rp.example/',
  '/here',
  'rp.example/here',
  '?here',
  'https://',
  'https:',
  'https:rp.example/here',
  'https:/rp.example/here',
  'https:///rp.example/here',
  'HTTPS://rp.example/here',
  'hTTps://rp.example/here',
  'https://[::1',
  'https://rp.example:99999/',
  // Elsewhere than it seems.
  'https://rp.example@evil.example/',
  'https://user:secret@rp.example/',
  'https://:secret@rp.example/',
  'http://localhost:80@evil.example/',
  'https://rp.example\\@evil.example/',
  'https:\\\\evil.example/',
  'https://rp.example /',
  'https://rp.example/\there',
  'https://rp.example/\r\nSet-Cookie: a=b',
  ' https://rp.example/',
  'https://rp.example/\n',
  'https://rp.example/\u202egpj.exe',
  'https://rp.example/\u200b',
  // In the clear, outside loopback.
  'http://rp.example/',
  'http://localhost.evil.example/',
  'http://127.0.0.1.evil.example/',
  'http://0.0.0.0/',
  'http://10.0.0.1/',
];

/** Refused only where https is needed on loopback too. */
export const localLinks: readonly string[] = [
  'http://localhost:8080/',
  'http://127.0.0.1/',
  'http://[::1]:1/',
];

/** Refused only where the server calls. */
export const fragments: readonly string[] = ['https://rp.example/#here', 'https://rp.example/#'];

/** Addresses that people are not sent to: abuse cases 1 and 2. */
export const hostileRedirects: readonly string[] = [
  ...hostileLinks,
  'https://rp.example',
  'https://rp.example/callback#',
  'https://rp.example/callback#access_token=a',
  'https://*.example/callback',
  'https://rp.example/*',
  'https://rp.example:*/callback',
  'https://rp.example:443/callback',
  'https://RP.example/callback',
  'https://rp.example/a/../callback',
  'https://rp.example/./callback',
  'https://rp.example/%2e%2e/callback',
  'https://rp.example/a/%2E%2E%2Fcallback',
  'https://rp.example/..%2fcallback',
  'https://rp.example/..;/callback',
  'https://rp.example/..%5ccallback',
  'https://rp.example%2eevil.example/',
  'https://ｅvil.example/',
  'https://rp.example。evil.example/',
  'https://bücher.example/',
  'https://rp.example/ü',
  'http://127.1/callback',
  'http://2130706433/callback',
  'http://0x7f000001/callback',
  'http://[::ffff:127.0.0.1]/callback',
  'http://LOCALHOST/callback',
  'https://rp.example/callback\t',
  '\thttps://rp.example/callback',
  'https://rp.example/call\nback',
];
