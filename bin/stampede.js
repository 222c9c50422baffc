#!/usr/bin/env node
// Plain JavaScript for any Node >= 20: runs the program on Node 24, where this is an older one on the Node that came with the package.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const WANTED_MAJOR = 24;
const main = join(dirname(fileURLToPath(import.meta.url)), '../dist/main.js');

if (!existsSync(main)) fail('this clone is not built yet. Run: npm run build');
if (Number(process.versions.node.split('.')[0]) >= WANTED_MAJOR) {
  await import(main);
} else {
  runOn(bundledNode());
}

/** The packages are optional ones, of which npm installs that of the machine, without a script that would have to run. */
function bundledNode() {
  const { platform, arch } = process;
  const name = `${platform === 'darwin' && arch === 'arm64' ? 'node-bin' : 'node'}-${platform}-${arch}`;
  try {
    const node = join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'bin/node');
    if (existsSync(node)) return node;
  } catch {
    // not installed: said below
  }
  return fail(
    `it needs Node ${WANTED_MAJOR}, this is ${process.version}, and ${name} is not installed. Install the package again without --omit=optional, or use a newer Node.`,
  );
}

function runOn(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends Ctrl-C to the child as well; handed on again it would count as the second one, which forces.
  process.on('SIGINT', () => {});
  for (const name of ['SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

function fail(reason) {
  process.stderr.write(`stampede: ${reason}\n`);
  process.exit(1);
}
