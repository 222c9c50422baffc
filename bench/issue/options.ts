import { Command, InvalidArgumentError } from 'commander';
import { ENTRANTS } from './entrants.ts';

export interface BenchOptions {
  readonly seconds: number;
  readonly warmSeconds: number;
  readonly rounds: number;
  /** Ids of the entrants of the main table; all when empty. */
  readonly only: readonly string[];
  readonly connections: number;
  /** Connections of the further table: 64 and 1. Left out with `--no-narrow`. */
  readonly narrow: boolean;
  readonly tokensPerSecond: number;
  /** Pool sizes to try for each contender that has one. */
  readonly pools: readonly number[];
  /** The main table is measured when no section was asked for, or with --main. */
  readonly main: boolean;
  readonly policies: number | undefined;
  readonly rows: number | undefined;
  /** Seconds. */
  readonly soak: number | undefined;
  /** Directory of issue.json and issue.svg. */
  readonly out: string;
}

export function readOptions(argv: readonly string[]): BenchOptions {
  const known = new Set(ENTRANTS.map(({ id }) => id));
  const ids = (text: string): string[] => {
    const asked = text.split(',').flatMap((id) => (id === 'd' ? ['d1', 'd2'] : [id]));
    const unknown = asked.filter((id) => !known.has(id));
    if (unknown.length > 0) throw new InvalidArgumentError(`There are ${[...known].join(', ')}.`);
    return asked;
  };
  const command = new Command('bench:issue')
    .description('Measures issuing and refusing coupons beside the usual ways, and writes docs/bench/issue.{json,svg}.')
    .option('--seconds <n>', 'load of one slice', whole, 8)
    .option('--warm-seconds <n>', 'warm-up before it', whole, 3)
    .option('--rounds <n>', 'each entrant once a round, interleaved', whole, 3)
    .option('--only <ids>', 'entrants of the main table, such as b,c,d,f', ids, [])
    .option('--connections <n>', 'of the main table', whole, 512)
    .option('--no-narrow', 'leave out the slices with 64 connections and with one')
    .option('--tokens-per-second <n>', 'tokens signed for each second of a slice', whole, 60_000)
    .option('--pools <sizes>', 'pool sizes to try', (text) => text.split(',').map(whole), [4, 8, 16, 32])
    .option('--main', 'the main table, beside the sections named', false)
    .option('--policies <n>', 'section: this many policies at once beside one hot one', whole)
    .option('--rows <n>', 'section: a table with this many issued coupons beside an empty one', whole)
    .option('--soak <seconds>', 'section: memory under load for this long', whole)
    .option('--out <dir>', 'where the results go', 'docs/bench')
    .parse([...argv], { from: 'user' });
  const given = command.opts<Omit<BenchOptions, 'policies' | 'rows' | 'soak'> & Partial<BenchOptions>>();
  const { policies, rows, soak } = given;
  const isSection = policies !== undefined || rows !== undefined || soak !== undefined;
  return { ...given, policies, rows, soak, main: given.main || !isSection };
}

function whole(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1.');
}
