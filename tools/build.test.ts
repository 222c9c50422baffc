import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';

const build = async (): Promise<unknown> =>
  (await once(spawn(process.execPath, ['tools/build.js'], { stdio: 'inherit' }), 'exit'))[0];

it('two builds at once leave every file that a running server may still import, and nothing else', async () => {
  expect(await build()).toBe(0);
  const before = readdirSync('dist').sort();
  let running = 2;
  const builds = Array.from({ length: running }, async () => {
    const code = await build();
    running -= 1;
    return code;
  });
  while (running > 0) {
    expect(before.filter((name) => !existsSync(`dist/${name}`))).toEqual([]);
    await nextTurn();
  }
  expect(await Promise.all(builds)).toEqual([0, 0]);
  expect(readdirSync('dist').sort()).toEqual(before);
  expect(readdirSync('.').filter((name) => name.startsWith('dist-') && name !== 'dist-site')).toEqual([]);
});

it('the program brings drizzle-orm along, with its licence', async () => {
  expect(await build()).toBe(0);
  const texts = readdirSync('dist', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
  // The bundle has comments of the package, with imports as examples.
  const isImport = /^(import|export)\b.*["']drizzle-orm|import\(["']drizzle-orm/m;
  const importing = texts.filter((name) => isImport.test(readFileSync(`dist/${name}`, 'utf8')));
  expect(importing).toEqual([]);
  expect(readFileSync('dist/licenses/drizzle-orm.txt', 'utf8')).toContain('Apache License');
});
