import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, platform, release, totalmem } from 'node:os';
import type { CellFigures } from './cell.ts';
import type { Reads } from './probes.ts';

const FILE = 'docs/bench/cluster-faults.json';
const PAGE = 'docs/reliability.md';
const [BEGIN, END] = ['<!-- cluster faults -->', '<!-- end of cluster faults -->'];

/** What one run of a cell found. */
export interface CellResult {
  readonly part: string;
  readonly title: string;
  readonly fault: string;
  readonly load: string;
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly machine: string;
  /** Others used the machine at the same time. */
  readonly isShared: boolean;
  readonly figures: CellFigures;
}

/** A cell that was not run, or not on this machine. */
export interface OpenCell extends Pick<CellResult, 'part' | 'title' | 'fault' | 'load'> {
  readonly why: string;
}

export const describeMachine = (): string =>
  `${cpus().length} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GB, ${platform()} ${release()}`;

/** Puts the result in the place of an earlier one of its cell, and writes the table. */
export function writeResult(result: CellResult, open: readonly OpenCell[]): void {
  const before = JSON.parse(readFileSync(FILE, 'utf8')) as readonly CellResult[];
  const all = [...before.filter((each) => !isSame(each, result)), result].toSorted((a, b) =>
    compare(nameOf(a), nameOf(b)),
  );
  writeFileSync(FILE, `${JSON.stringify(all, undefined, 2)}\n`);
  const page = readFileSync(PAGE, 'utf8');
  const [head, rest] = [page.slice(0, page.indexOf(BEGIN) + BEGIN.length), page.slice(page.indexOf(END))];
  const notRun = open.filter((each) => !all.some((one) => isSame(each, one)));
  writeFileSync(PAGE, `${head}\n${table(all, notRun)}\n${rest}`);
}

type Named = Pick<CellResult, 'part' | 'fault' | 'load'>;
const nameOf = ({ part, fault, load }: Named): string => `${part} ${fault} ${load}`;
const compare = (a: string, b: string): number => a.localeCompare(b);
const isSame = (one: Named, other: Named): boolean => nameOf(one) === nameOf(other);

const HEADER = '| part | fault | load | before | lowest | first success | back to 90 % | retried | reads meanwhile | |';

/** A row for each result, and the names of the cells without one. */
export function table(results: readonly CellResult[], open: readonly OpenCell[]): string {
  const machines = [...new Set(results.map(({ machine }) => machine))];
  const rows = results.map(rowOf);
  const groups = Map.groupBy(open, ({ why, fault }) => `${why}, ${fault}`);
  const left = [...groups].map(
    ([group, cells]) => `- ${group}: ${cells.map(({ title, load }) => `${title} (${load})`).join('; ')}.`,
  );
  return [
    machines.map((machine) => `Machine: ${machine}.`).join('\n'),
    '',
    HEADER,
    HEADER.replaceAll(/[^|]+/g, '---'),
    ...rows,
    ...(left.length === 0 ? [] : ['', 'Cells without figures:', '', ...left]),
  ].join('\n');
}

/** Returns a line of the table. */
export const rowOf = (result: CellResult): string => `| ${cellsOf(result).join(' | ')} |`;

function cellsOf({ title, fault, load, date, isShared, figures }: CellResult): readonly string[] {
  const { before, lowest, firstMs, backMs, retried } = figures.recovery;
  return [
    title,
    fault,
    load,
    `${before.toFixed(0)}/s`,
    `${Math.round(lowest * 100)} %`,
    seconds(firstMs),
    seconds(backMs),
    Object.entries(retried)
      .map(([outcome, count]) => `${count} × ${outcome}`)
      .join(', ') || 'none',
    readsOf(figures),
    `${date}${isShared ? ', shared' : ''}`,
  ];
}

/** Contexts with a failed read: one by one, or together when all have one. */
function readsOf({ reads }: CellFigures): string {
  const failed = reads.filter(({ all, ok }) => ok < all);
  if (failed.length === reads.length && failed.length > 1) return `of each context, together ${countOf(failed)}`;
  return failed.map((each) => `${each.context} ${countOf([each])}`).join(', ') || 'all served';
}

/** The largest of the median times. */
function countOf(reads: readonly Reads[]): string {
  const sum = (of: (each: Reads) => number): number => reads.reduce((total, each) => total + of(each), 0);
  const [status] = reads.flatMap(({ statuses }) => Object.keys(statuses));
  const slowestMs = Math.round(Math.max(...reads.map(({ failedMs = 0 }) => failedMs)));
  return `${sum(({ ok }) => ok)} of ${sum(({ all }) => all)} (${status} in ${slowestMs} ms)`;
}

const seconds = (ms: number | undefined): string =>
  ms === undefined ? 'not while measured' : `${(ms / 1_000).toFixed(1)} s`;
