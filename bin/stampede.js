#!/usr/bin/env node
// Plain JavaScript for any Node >= 20: runs the program on the Node 24 that the `node` package brought.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const WANTED_MAJOR = 24;
const main = join(dirname(fileURLToPath(import.meta.url)), '../dist/main.js');

if (!existsSync(main)) fail('it is not built yet. Run: npm run build');
if (Number(process.versions.node.split('.')[0]) >= WANTED_MAJOR) {
  await import(main);
} else {
  runOn(bundledNode());
}

function bundledNode() {
  try {
    const packageFile = createRequire(import.meta.url).resolve('node/package.json');
    const node = join(dirname(packageFile), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    if (existsSync(node)) return node;
  } catch {
    // not installed: said below
  }
  return fail(
    `it needs Node ${WANTED_MAJOR}, and this is ${process.version}. Run: npm ci (with install scripts allowed), or use a newer Node`,
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
