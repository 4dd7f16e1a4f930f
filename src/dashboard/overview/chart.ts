/** Numbers over time as bars, drawn by the server: no script, nothing from elsewhere. */
export interface Bar {
  /** When the span began, seconds since the epoch. */
  at: number;
  value: number;
  /** Of the bar, in the units of the drawing. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Chart {
  width: number;
  height: number;
  total: number;
  /** The highest bar. */
  most: number;
  bars: Bar[];
}

const WIDTH = 480;
const HEIGHT = 96;
/** Between two bars, of a bar's share. */
const GAP = 0.25;
/** What happened once is still seen. */
const LEAST = 2;

/** @param points in the order of time, one for each span, none left out */
export function chartOf(points: readonly { at: number; value: number }[]): Chart {
  const most = Math.max(0, ...points.map(({ value }) => value));
  const share = WIDTH / Math.max(1, points.length);
  const round = (length: number) => Math.round(length * 100) / 100;
  return {
    width: WIDTH,
    height: HEIGHT,
    most,
    total: points.reduce((sum, { value }) => sum + value, 0),
    bars: points.map(({ at, value }, place) => {
      const height = value === 0 ? 0 : Math.max(LEAST, round((value / most) * HEIGHT));
      return {
        at,
        value,
        x: round((place + GAP / 2) * share),
        y: round(HEIGHT - height),
        width: round(share * (1 - GAP)),
        height,
      };
    }),
  };
}
