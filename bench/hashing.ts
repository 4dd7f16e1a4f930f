/**
 * A program: verifies one password again and again, with the parameters that our server hashes with,
 * and does nothing else. Prints how many CPU-seconds that took.
 */
import { hash, verify } from '@node-rs/argon2';
import { Config } from '../src/config/schema.ts';

const [count, lanes] = process.argv.slice(2).map(Number) as [number, number];
const { memory_kib, iterations, parallelism } = Config.parse({}).passwords;
const password = 'correct horse battery';
const stored = await hash(password, {
  algorithm: 2, // argon2id
  memoryCost: memory_kib,
  timeCost: iterations,
  parallelism,
});

async function verifyMany(times: number): Promise<void> {
  let left = times;
  const turns = Array.from({ length: lanes }, async () => {
    while (left-- > 0) await verify(stored, password);
  });
  await Promise.all(turns);
}

await verifyMany(lanes * 2);
const before = process.cpuUsage();
await verifyMany(count);
const { user, system } = process.cpuUsage(before);
console.log(String((user + system) / 1e6));
