/** Forms as a browser would send them: what benchmark pages have, no more. */
import type { Answer } from './client.ts';

export interface Form {
  action: string;
  /** The fields as they stand: hidden ones, typed ones, checked boxes, chosen options. */
  fields: URLSearchParams;
  asksPassword: boolean;
}

const marks: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&quot;': '"',
  '&#39;': "'",
  '&lt;': '<',
  '&gt;': '>',
};
const unescaped = (text: string) =>
  text.replace(/&(amp|quot|#39|lt|gt);/g, (mark) => marks[mark] ?? mark);

const attribute = (tag: string, name: string): string | undefined => {
  const [, value] = new RegExp(`\\s${name}="([^"]*)"`).exec(tag) ?? [];
  return value === undefined ? undefined : unescaped(value);
};

/** What a field sends; nothing: it is not sent. */
function sentBy(field: string): string | undefined {
  const [open = ''] = /^<[^>]*>/.exec(field) ?? [];
  if (field.startsWith('<textarea')) {
    return unescaped(field.slice(open.length, -'</textarea>'.length)).replace(/^\r?\n/, '');
  }
  if (field.startsWith('<select')) {
    const options = field.match(/<option[^>]*>/g) ?? [];
    const chosen = options.find((option) => /\sselected\b/.test(option)) ?? options[0] ?? '';
    return attribute(chosen, 'value');
  }
  const type = attribute(open, 'type') ?? 'text';
  if (['checkbox', 'radio'].includes(type)) {
    return /\schecked\b/.test(open) ? (attribute(open, 'value') ?? 'on') : undefined;
  }
  return ['password', 'submit', 'file'].includes(type)
    ? undefined
    : (attribute(open, 'value') ?? '');
}

const FIELD = /<input[^>]*>|<textarea[^>]*>[\s\S]*?<\/textarea>|<select[^>]*>[\s\S]*?<\/select>/g;

/** The first form of what a page is about. @throws {Error} when it has none */
export function formOf({ body }: Answer): Form {
  // Before it, in the menu, is the form that signs out.
  const main = body.slice(Math.max(0, body.indexOf('<main')));
  const [, open = '', content = ''] = /(<form[^>]*>)([\s\S]*?)<\/form>/.exec(main) ?? [];
  const action = attribute(open, 'action');
  if (action) {
    const found = content.match(FIELD) ?? [];
    const sent = found.flatMap((field): [string, string][] => {
      const [name, value] = [attribute(field, 'name'), sentBy(field)];
      return name && value !== undefined ? [[name, value]] : [];
    });
    const asksPassword = found.some((field) => attribute(field, 'type') === 'password');
    return { action, fields: new URLSearchParams(sent), asksPassword };
  }
  throw new Error(`no form in the page:\n${main.slice(0, 2000)}`);
}
