import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { CANDIDATES } from './candidates.ts';

export interface BenchOptions {
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly rounds: number;
  /** Ids of the candidates of the main table; all when empty. */
  readonly only: readonly string[];
  readonly connections: number;
  /** Connections of the further table: 64 and 1. Left out with `--no-narrow`. */
  readonly narrow: boolean;
  readonly tokensPerSecond: number;
  /** Pool sizes to try for each baseline that has one. */
  readonly pools: readonly number[];
  /** The main table is measured when no section is selected, or with --main. */
  readonly main: boolean;
  readonly policies: number | undefined;
  readonly rows: number | undefined;
  /** Seconds. */
  readonly soak: number | undefined;
  /** The bundle of another build, measured as c2 on a database of its own. */
  readonly against: string | undefined;
  /** Directory of issue.json and issue.svg. */
  readonly out: string;
}

export function readOptions(argv: readonly string[]): BenchOptions {
  const known = new Set(CANDIDATES.map(({ id }) => id));
  const ids = (text: string): string[] => {
    const selected = text.split(',').flatMap((id) => (id === 'd' ? ['d1', 'd2'] : [id]));
    const unknown = selected.filter((id) => !known.has(id));
    if (unknown.length > 0) throw new InvalidArgumentError(`There are ${[...known].join(', ')}.`);
    return selected;
  };
  const command = new Command('bench:issue')
    .description(
      'Measures issuing and refusing coupons, compared with usual implementations, and writes docs/bench/issue.{json,svg}.',
    )
    .option('--seconds <n>', 'load of one measurement', whole, 8)
    .option('--warm-seconds <n>', 'warm-up before it', whole, 3)
    .option('--rounds <n>', 'each candidate once a round, interleaved', whole, 3)
    .option('--only <ids>', 'candidates of the main table, such as b,c,d,f', ids, [])
    .option('--connections <n>', 'of the main table', whole, 512)
    .option('--no-narrow', 'leave out the measurements with 64 connections and with one')
    .option('--tokens-per-second <n>', 'tokens signed for each second of a measurement', whole, 60_000)
    .option('--pools <sizes>', 'pool sizes to try', (text) => text.split(',').map(whole), [4, 8, 16, 32])
    .option('--main', 'the main table, in addition to the selected sections', false)
    .option('--policies <n>', 'section: this many policies at once, compared with one hot policy', whole)
    .option('--rows <n>', 'section: a table with this many issued coupons, compared with an empty one', whole)
    .option('--soak <seconds>', 'section: memory under load for this long', whole)
    .option('--against <main.js>', 'another build of this system, measured in the same rounds as c2', (path) =>
      resolve(path),
    )
    .option('--out <dir>', 'where the results go', 'docs/bench')
    .parse([...argv], { from: 'user' });
  const given = command.opts<Omit<BenchOptions, 'against' | 'policies' | 'rows' | 'soak'> & Partial<BenchOptions>>();
  const { policies, rows, soak } = given;
  const isSection = policies !== undefined || rows !== undefined || soak !== undefined;
  return { ...given, against: given.against, policies, rows, soak, main: given.main || !isSection };
}

function whole(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1.');
}
