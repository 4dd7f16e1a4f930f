/** Programs in other languages, where what they need is installed; else their tests skip and say so. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

const works = (command: string, args: readonly string[]) => spawnSync(command, args).status === 0;

/** A Python that has these modules: the one that is named, or the one that `.ci/run` makes. */
export const findPython = (...modules: string[]): string | undefined =>
  [process.env.AUTHLIB_PYTHON, join(root, '.cache/secantus/bin/python')].find(
    (path) =>
      path !== undefined && existsSync(path) && works(path, ['-c', `import ${modules.join(', ')}`]),
  );

/** The command of Go. */
export const findGo = (): string | undefined => process.env.GO;

/** A Java that compiles what it runs (JEP 330): the one that is named, or the one on `PATH`. */
export const findJava = (): string | undefined =>
  [process.env.JAVA, 'java'].find(
    (command) =>
      command !== undefined &&
      String(spawnSync(command, ['--list-modules']).stdout).includes('jdk.compiler'),
  );
