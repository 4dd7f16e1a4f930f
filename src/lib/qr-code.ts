/** QR codes (ISO/IEC 18004): addresses for people to open on a phone that they see on another screen. */

/** Light modules around it, which readers need (section 9.1). */
const MARGIN = 4;
/** Bytes that make a code of 57 modules a side, the largest that is still easily read from a sofa. */
const LONGEST = 213;

/** A picture (SVG) of a text, black on white whatever is around it; undefined when it is too long. */
export async function qrPicture(text: string): Promise<string | undefined> {
  if (Buffer.byteLength(text) > LONGEST) return undefined;
  // Few servers ever draw one.
  const { default: encode } = await import('qr');
  const modules = encode(text, 'raw', { ecc: 'medium', border: MARGIN });
  const side = modules.length;
  const path = modules
    .flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${side}v${side}H0z"/><path d="${path}"/></svg>`;
}
