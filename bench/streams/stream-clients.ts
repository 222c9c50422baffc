import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endWithBench } from '../support/child.ts';
import type { ClientFigures, ClientSpec } from './client-run.ts';

export interface StreamClients {
  readonly pids: readonly number[];
  /** What each process got since the last call, or since its streams were open. */
  take(): Promise<readonly ClientFigures[]>;
  close(): void;
}

/** Opens streams from processes of their own. Resolves when all of them are open. */
export async function openStreamClients(specs: readonly ClientSpec[]): Promise<StreamClients> {
  const clients = await Promise.all(specs.map(openOne));
  return {
    pids: clients.map(({ child }) => child.pid ?? 0),
    take: () => Promise.all(clients.map((client) => client.take())),
    close() {
      for (const { child } of clients) child.kill('SIGKILL');
    },
  };
}

async function openOne(spec: ClientSpec) {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, 'client-run.ts'), JSON.stringify(spec)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  endWithBench(child);
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('a child without pipes');
  const lines = createInterface(stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the clients of streams ended');
    return value;
  };
  await next();
  return {
    child,
    async take() {
      stdin.write('\n');
      return JSON.parse(await next()) as ClientFigures;
    },
  };
}
