import { execFileSync } from 'node:child_process';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { type Child, startChild } from '../support/child.ts';

/** Undefined when no redis-server is installed. */
export function redisVersion(): string | undefined {
  try {
    return /v=(\S+)/.exec(execFileSync('redis-server', ['--version'], { encoding: 'utf8' }))?.[1];
  } catch {
    return undefined;
  }
}

/** Starts a redis-server on a free port of 127.0.0.1 with nothing to lose: no snapshots, no append-only file. */
export async function startRedis(dir: string): Promise<Child> {
  const port = await freePort();
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no'];
  const isReady = (lines: readonly string[]) =>
    lines.some((line) => line.includes('Ready to accept connections')) ? `redis://127.0.0.1:${port}` : undefined;
  return startChild(['redis-server', ...settings], {}, isReady);
}
