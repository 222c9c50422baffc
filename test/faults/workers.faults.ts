import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { signal } from '../../src/platform/processes.ts';
import { startServe, temporaryDir } from '../support/serve.ts';
import { workersOf } from '../support/workers-of.ts';

test('workers that crash in a loop end the program, and the log says so', async () => {
  const dir = temporaryDir();
  const server = await startServe({ dataDir: join(dir.path, 'data'), env: { WORKERS: '2' } });
  let isOver = false;
  const ended = server.end('SIGCONT').finally(() => {
    isOver = true;
  });
  while (!isOver) {
    for (const pid of workersOf(server.pid)) signal(pid, 'SIGKILL');
    await sleep(50);
  }
  expect(await ended).toBe(1);
  expect(server.output()).toContain('all workers crash');
  await dir.remove();
});
