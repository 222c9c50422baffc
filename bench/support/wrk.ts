import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface WrkLoad {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** Path of a Lua script that prints `RESULT {json}` when it is done: see bench/points/load.lua. */
  readonly script: string;
  readonly args: readonly string[];
}

export interface WrkResult {
  /** Responses with a status below 400. */
  readonly perSecond: number;
  readonly requests: number;
  /** Responses with a status of 400 or above, broken connections, and requests that timed out. */
  readonly faults: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** In one thread: a second one would only take its core from the server. */
export async function runWrk({ url, connections, seconds, script, args }: WrkLoad): Promise<WrkResult> {
  const shape = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '--latency'];
  const { stdout, stderr } = await promisify(execFile)('wrk', [...shape, '-s', script, url, '--', ...args]);
  const line = stdout.split('\n').find((text) => text.startsWith('RESULT '));
  if (line === undefined) throw new Error(`wrk -s ${script} ${args.join(' ')}: no result\n${stdout}${stderr}`);
  const raw = JSON.parse(line.slice('RESULT '.length)) as Record<string, number>;
  const value = (name: string): number => raw[name] ?? Number.NaN;
  return {
    perSecond: ((value('requests') - value('refused')) * 1e6) / value('durationUs'),
    requests: value('requests'),
    faults: value('refused') + value('broken'),
    p50Ms: value('p50Us') / 1_000,
    p95Ms: value('p95Us') / 1_000,
    p99Ms: value('p99Us') / 1_000,
  };
}
