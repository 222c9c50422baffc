import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Load {
  readonly url: string;
  /** Path of the token file. */
  readonly tokens: string;
  readonly connections: number;
  readonly seconds: number;
  readonly what: { readonly charge: string } | { readonly balanceOf: number };
}

export interface LoadResult {
  readonly perSecond: number;
  readonly requests: number;
  /** Answers with a status from 400 up, connections that broke, requests that timed out. */
  readonly faults: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** With wrk, in one thread: a second one would only take its core from the server. */
export async function send({ url, tokens, connections, seconds, what }: Load): Promise<LoadResult> {
  const shape = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '--latency'];
  const script = 'charge' in what ? ['charge', what.charge] : ['balance', String(what.balanceOf)];
  const args = [...shape, '-s', join(import.meta.dirname, 'load.lua'), url, '--', `${tokens}.1`, ...script];
  const { stdout, stderr } = await promisify(execFile)('wrk', args);
  const line = stdout.split('\n').find((text) => text.startsWith('RESULT '));
  if (line === undefined) throw new Error(`wrk ${args.join(' ')}: no result\n${stdout}${stderr}`);
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
