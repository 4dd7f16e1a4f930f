/** How a walk is told: live with a table at the end on a terminal, plain lines anywhere else. */
import { stripVTControlCharacters } from 'node:util';
import type { Outcome, Report } from './run.ts';

export interface Screen {
  write(text: string): void;
  /** Absent where the output is not a terminal. */
  columns?: number;
  rows?: number;
  colour: boolean;
}

const paints = { green: 32, red: 31, bold: 1, dim: 2 } as const;
type Paint = (name: keyof typeof paints, text: string) => string;

const marks: Readonly<Record<Outcome['state'], [sign: string, paint: keyof typeof paints]>> = {
  passed: ['✓', 'green'],
  failed: ['✗', 'red'],
  'not run': ['·', 'dim'],
};

const words: Readonly<Record<Outcome['state'], string>> = {
  passed: 'ok',
  failed: 'FAILED',
  'not run': 'not run',
};

/** What a step has to say for itself, in pieces. */
const told = ({ state, facts, failure = [] }: Outcome): readonly string[] =>
  state === 'passed' ? facts : failure;

/** Joins pieces into lines; a piece is only broken when it is longer than a line. */
function wrap(pieces: readonly string[], joint: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces) {
    if (line && line.length + joint.length + piece.length <= width) {
      line += joint + piece;
      continue;
    }
    if (line) lines.push(line);
    const parts =
      joint !== ' ' && piece.length > width ? wrap(piece.split(' '), ' ', width) : [piece];
    line = parts.pop() ?? '';
    lines.push(...parts);
  }
  return [...lines, line];
}

function summary(outcomes: readonly Outcome[]): string {
  const failed = outcomes.find(({ state }) => state === 'failed');
  if (failed) return `Failed at “${failed.name}”.`;
  const facts = outcomes.reduce((sum, outcome) => sum + outcome.facts.length, 0);
  const total = outcomes.reduce((sum, outcome) => sum + outcome.milliseconds, 0);
  return `${outcomes.length} steps passed, ${facts} facts proved in ${(total / 1000).toFixed(1)} s.`;
}

function table(outcomes: readonly Outcome[], width: number, paint: Paint): string[] {
  const names = Math.max(...outcomes.map(({ name }) => name.length), 4);
  const room = Math.max(width - names - 14, 24);
  const row = (mark: string, name: string, text: string, ms: string) =>
    ` ${mark} ${name.padEnd(names)}  ${text.padEnd(room)} ${ms.padStart(7)}`;
  const lines = outcomes.flatMap((outcome) => {
    const { name, state, milliseconds } = outcome;
    const [sign, colour] = marks[state];
    // Facts flow; a failure's lines stay lines.
    const cells = state === 'passed' ? [told(outcome)] : told(outcome).map((text) => [text]);
    const [first = '', ...rest] = cells.flatMap((pieces) => wrap(pieces, ' · ', room));
    const head = row(sign, name, first, state === 'not run' ? state : String(milliseconds));
    const tail = rest.map((cell) => row(' ', '', cell, '').trimEnd());
    return state === 'passed'
      ? [head.replace(sign, paint(colour, sign)), ...tail]
      : [head, ...tail].map((line) => paint(colour, line));
  });
  return [
    paint('bold', row(' ', 'step', 'what was proved', 'ms')),
    paint('dim', ` ${'─'.repeat(names + room + 12)}`),
    ...lines,
  ];
}

/** A tick a step as it happens, replaced by the table at the end when both fit on the screen. */
function terminalReport(screen: Screen & { columns: number }): Report {
  const paint: Paint = (name, text) =>
    screen.colour ? `\u001b[${paints[name]}m${text}\u001b[0m` : text;
  let printed = 0;
  const line = (text: string, end = '\n') => screen.write(`\r\u001b[K${text}${end}`);
  return {
    began: (name) => line(paint('dim', ` … ${name}`), ''),
    ended({ name, state, milliseconds }) {
      const [sign, colour] = marks[state];
      line(` ${paint(colour, sign)} ${name}${paint('dim', ` ${milliseconds} ms`)}`);
      printed += 1;
    },
    finished(outcomes) {
      // Up over the ticks and clear, unless they have scrolled away.
      if (printed < (screen.rows ?? 0) - 1) screen.write(`\u001b[${printed}A\u001b[J`);
      else screen.write('\n');
      const width = Math.min(screen.columns, 120) - 1;
      for (const text of table(outcomes, width, paint)) screen.write(`${text}\n`);
      const failed = outcomes.some(({ state }) => state === 'failed');
      screen.write(`\n ${paint(failed ? 'red' : 'green', summary(outcomes))}\n`);
    },
  };
}

/** A line a step, for files and other programs. */
function plainReport(screen: Screen): Report {
  return {
    began() {},
    ended(outcome) {
      const { name, state, milliseconds } = outcome;
      const text =
        state === 'not run' ? '' : ` – ${told(outcome).join(' · ')} (${milliseconds} ms)`;
      const line = `${words[state].padEnd(7)} ${name}${text}`;
      screen.write(`${stripVTControlCharacters(line)}\n`);
    },
    finished: (outcomes) => screen.write(`${summary(outcomes)}\n`),
  };
}

export function createReport(screen: Screen): Report {
  const { columns } = screen;
  return columns === undefined ? plainReport(screen) : terminalReport({ ...screen, columns });
}
