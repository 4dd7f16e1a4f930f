/** How texts are taken apart to be found by their words. */

/** How a text is looked for: without case, accents apart, in composed form. */
export const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

/** The runs of letters and digits of a text, folded. */
export const wordsOf = (text: string): string[] => folded(text).match(/[\p{L}\p{N}]+/gu) ?? [];
