#!/usr/bin/env node
// Starts the program, on the Node that `npm ci` brought along where this one is too old for it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const bundled = path('../node_modules/node/bin/node');
const [major] = process.versions.node.split('.').map(Number);

if (major >= 24 || !existsSync(bundled)) {
  await import('../src/preload.js');
  await import('../src/main.ts');
} else {
  const child = spawn(bundled, [path('../src/main.ts'), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  // Signals from a terminal reach both; others are handed on.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  process.on('SIGINT', () => {});
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
  });
}
