import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { birthOf } from '../src/platform/processes.ts';
import { type ServerProcess, type ServerProcessOptions, startServerProcess } from './server-process.ts';

const run = promisify(execFile);
const started: ServerProcess[] = [];
afterAll(() => Promise.all(started.map((server) => server.stop())));

/** A shell as the server. It is ready once it has written the file. */
function shell(script: string): ServerProcessOptions & { readonly dir: string } {
  const dir = mkdtempSync(join(tmpdir(), 'stampede-server-process-'));
  const [log, ready] = [join(dir, 'log'), join(dir, 'ready')];
  const args = ['-c', script.replace('READY', ready)];
  return { name: 'The shell', program: 'sh', args, log, dir, readyMs: 10_000, isReady: async () => existsSync(ready) };
}

async function start(options: ServerProcessOptions): Promise<ServerProcess> {
  const server = await startServerProcess(options);
  started.push(server);
  return server;
}

describe('a server process', () => {
  it('rejects with what the program printed, and removes its directory, when the program ends before it serves', async () => {
    const options = shell('echo no such option >&2; exit 3');
    await expect(start(options)).rejects.toThrow(/The shell ended:\nno such option/);
    expect(existsSync(options.dir)).toBe(false);
  });

  it('rejects with what the program printed, and ends it, when it does not serve in time', async () => {
    const options = shell('echo $$ is waiting; exec sleep 60');
    const error = await start({ ...options, readyMs: 200 }).catch((thrown: Error) => thrown);
    const [, pid] = /does not serve after 0\.2 s:\n(\d+) is waiting/.exec(String(error)) ?? [];
    expect(birthOf(Number(pid))).toBe(undefined);
  });

  it('keeps its files when it is killed, serves again when it is started, and loses them when it is stopped', async () => {
    const options = shell('echo started; touch READY; exec sleep 60');
    const server = await start(options);
    const first = server.pid();
    await server.kill();
    expect([server.isAlive(), server.pid(), birthOf(first ?? 0)]).toEqual([false, undefined, undefined]);
    rmSync(join(options.dir, 'ready'));
    await server.start();
    expect([server.isAlive(), readFileSync(options.log, 'utf8')]).toEqual([true, 'started\nstarted\n']);
    await server.stop();
    expect([server.isAlive(), existsSync(options.dir)]).toEqual([false, false]);
  });

  it('ends with its caller, which it does not keep running, and its directory goes with it', async () => {
    const { args, program, log, dir } = shell('touch READY; exec sleep 60');
    const caller = `
      import { existsSync } from 'node:fs';
      import { startServerProcess } from './tools/server-process.ts';
      const isReady = async () => existsSync(${JSON.stringify(join(dir, 'ready'))});
      const server = await startServerProcess({ name: 'The shell', readyMs: 10_000, isReady, ...${JSON.stringify({ args, program, log, dir })} });
      console.log(server.pid());`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', caller]);
    await expect
      .poll(() => [birthOf(Number(stdout)), existsSync(dir)], { timeout: 60_000 })
      .toEqual([undefined, false]);
  });
});
