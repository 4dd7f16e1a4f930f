/** Error correction over GF(256) with x⁸+x⁴+x³+x²+1, as QR codes have it (ISO/IEC 18004, 7.5.2). */

const powers: number[] = [];
for (let value = 1; powers.length < 255; value = (value << 1) ^ (value & 128 ? 0x11d : 0)) {
  powers.push(value);
}
const logs = new Map(powers.map((value, power) => [value, power]));

const times = (one: number, other: number): number =>
  one === 0 || other === 0
    ? 0
    : (powers[((logs.get(one) ?? 0) + (logs.get(other) ?? 0)) % 255] as number);

/** The product of (x − αⁱ) for i below `count`, the highest power first and left out: it is one. */
function generator(count: number): number[] {
  let factors = [1];
  for (let power = 0; power < count; power += 1) {
    const next = [...factors, 0];
    factors.forEach((factor, at) => {
      next[at + 1] = (next[at + 1] as number) ^ times(factor, powers[power] as number);
    });
    factors = next;
  }
  return factors.slice(1);
}

/** The words that go with a block of data so that `count / 2` wrong ones can be put right. */
export function correction(data: readonly number[], count: number): number[] {
  const factors = generator(count);
  let rest = new Array<number>(count).fill(0);
  for (const word of data) {
    const lead = word ^ (rest[0] as number);
    rest = [...rest.slice(1), 0].map((one, at) => one ^ times(factors[at] as number, lead));
  }
  return rest;
}
