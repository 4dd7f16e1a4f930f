/** What a User-Agent header says to a person. Whoever sends it writes what they like. */
export interface AgentNames {
  system?: string | undefined;
  program?: string | undefined;
}

type Names = readonly (readonly [pattern: RegExp, name: string])[];

/** The narrower first: a television is a Linux, too. */
const systems: Names = [
  [/\bAFT\w+|Fire TV/i, 'Fire TV'],
  [/Android TV|GoogleTV|BRAVIA|\bCrKey\b/i, 'Android TV'],
  [/Apple ?TV|tvOS/i, 'Apple TV'],
  [/Tizen|SMART-TV/i, 'Samsung TV'],
  [/Web0S|webOS/i, 'LG TV'],
  [/Roku/i, 'Roku'],
  [/PlayStation/i, 'PlayStation'],
  [/Xbox/i, 'Xbox'],
  [/Nintendo/i, 'Nintendo'],
  [/CrOS/, 'ChromeOS'],
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/i, 'Android'],
  [/Windows/i, 'Windows'],
  [/Mac OS X|Macintosh|Darwin/i, 'macOS'],
  [/Linux|X11/i, 'Linux'],
];

const programs: Names = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\//, 'Firefox'],
  [/\bChrom(e|ium)\//, 'Chrome'],
  [/\bVersion\/\S+.*\bSafari\//, 'Safari'],
];

const nameIn = (names: Names, agent: string) => names.find(([pattern]) => pattern.test(agent))?.[1];

/** The product that a program leads with, unless that is what all browsers say (RFC 9110, 10.1.5). */
const product = (agent: string) => {
  const name = /^([\w.+-]{1,40})(?=\/|\s|$)/.exec(agent)?.[1];
  return name === 'Mozilla' ? undefined : name;
};

export const namesOf = (agent: string): AgentNames => ({
  system: nameIn(systems, agent),
  program: nameIn(programs, agent) ?? product(agent),
});
