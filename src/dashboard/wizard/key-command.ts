/** Makes a key pair with Node alone: the private half stays in a file, the public half is printed. */
export const keyCommand: readonly string[] = [
  "node --input-type=module -e '",
  'import { generateKeyPairSync, randomUUID } from "node:crypto";',
  'import { writeFileSync } from "node:fs";',
  'const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });',
  'const name = { kid: randomUUID(), alg: "ES256", use: "sig" };',
  'const jwk = (key) => ({ ...key.export({ format: "jwk" }), ...name });',
  'writeFileSync("private.jwk", JSON.stringify(jwk(privateKey)), { mode: 0o600, flag: "wx" });',
  'console.log(JSON.stringify({ keys: [jwk(publicKey)] }));',
  "'",
];
