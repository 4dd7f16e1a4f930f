/** Reads the QR codes of this server as a camera does: from dots. */
import decode from 'qr/decode.js';

/** Dots a module. */
const SCALE = 8;

/** What a picture (SVG) of one says. @throws {Error} when nothing can be read */
export function readQr(svg: string): string {
  const side = Number(/viewBox="0 0 (\d+) /.exec(svg)?.[1]);
  const width = side * SCALE;
  const data = new Uint8Array(width * width * 4).fill(255);
  for (const [, x, y] of svg.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let row = 0; row < SCALE; row += 1) {
      const start = ((Number(y) * SCALE + row) * width + Number(x) * SCALE) * 4;
      for (let dot = 0; dot < SCALE; dot += 1) data.fill(0, start + dot * 4, start + dot * 4 + 3);
    }
  }
  return decode({ width, height: width, data });
}
