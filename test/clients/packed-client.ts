import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CLIENT = resolve('clients/typescript');
const NAME = '@stampede/client';

/** Builds and packs the client, and unpacks it with its dependencies into `dir`/node_modules, as an installation would. */
export async function installPackedClient(dir: string): Promise<void> {
  await run('npm', ['run', '--silent', 'build', '--workspace', NAME]);
  const { stdout } = await run('npm', ['pack', '--json', '--workspace', NAME, '--pack-destination', dir]);
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  const modules = join(dir, 'node_modules');
  const installed = join(modules, NAME);
  await mkdir(installed, { recursive: true });
  await run('tar', ['-xzf', join(dir, filename), '-C', installed, '--strip-components=1']);
  const { dependencies } = JSON.parse(await readFile(join(CLIENT, 'package.json'), 'utf8'));
  for (const name of [...Object.keys(dependencies), 'openapi-typescript-helpers', '@types/node', 'undici-types']) {
    const place = join(modules, name);
    await mkdir(dirname(place), { recursive: true });
    await symlink(resolve('node_modules', name), place);
  }
  await writeFile(join(dir, 'package.json'), '{ "type": "module" }\n');
}

/** Checks the types of a program of `dir` as strictly as a project of its own would. @throws Error with what the compiler says */
export async function checkTypes(dir: string, file: string): Promise<void> {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
  await run(process.execPath, [compiler, ...options, file], { cwd: dir }).catch((error: { stdout: string }) => {
    throw new Error(error.stdout);
  });
}
