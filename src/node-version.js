// Plain JavaScript that every Node understands: it is loaded before any TypeScript is, so that a
// Node which cannot run this project says so in one sentence instead of a stack.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(
    `Clientele needs Node.js 24 or newer, this is ${process.versions.node}: run "npm ci" with its install scripts allowed (it brings Node 24 along) or install Node 24.\n`,
  );
  process.exit(1);
}
