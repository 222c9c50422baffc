import { Command, InvalidArgumentError } from 'commander';

export interface LagOptions {
  /** Seconds of load a system and round. */
  readonly seconds: number;
  readonly rounds: number;
  readonly connections: number;
  /** Bundles to compare, such as the dist/main.js of another checkout. */
  readonly systems: readonly string[];
  readonly tokensPerSecond: number;
  /** Instead of load: events that wait in the outbox. */
  readonly drain: number | undefined;
  /** Directory of lag.json. */
  readonly out: string;
}

export function readOptions(argv: readonly string[]): LagOptions {
  const all = (path: string, before: readonly string[] = []): readonly string[] => [...before, path];
  const { system, ...given } = new Command('bench:lag')
    .description('Issues coupons at full speed and records the age of the outbox; writes docs/bench/lag.json.')
    .option('--seconds <n>', 'load for each system and round', whole, 300)
    .option('--rounds <n>', 'each system once a round, interleaved', whole, 1)
    .option('--connections <n>', 'of the load generator', whole, 512)
    .option('--system <path>', 'a built main.js to measure; repeat it to compare several', all)
    .option('--tokens-per-second <n>', 'tokens signed for each second of a measurement', whole, 30_000)
    .option('--drain <n>', 'instead of load: drain an outbox of this many events in a busy process', whole)
    .option('--out <dir>', 'where the results go', 'docs/bench')
    .parse([...argv], { from: 'user' })
    .opts<Omit<LagOptions, 'systems' | 'drain'> & { readonly drain?: number; readonly system?: readonly string[] }>();
  return { ...given, drain: given.drain, systems: system ?? ['dist/main.js'] };
}

function whole(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1.');
}
