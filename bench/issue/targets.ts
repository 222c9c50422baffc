import type { Spread } from '../support/statistics.ts';
import { p50Ratio, perIssueOf, rateOf, rateRatio } from './main-figures.ts';
import type { MainSection } from './main-section.ts';
import type { Results } from './results.ts';

export interface Target {
  readonly name: string;
  readonly value: number | undefined;
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly verdict: 'met' | 'not met' | 'not measured';
}

/** Two round trips a batch: lock and load, then write and commit (src/platform/postgres/batch-transaction.ts). */
const ROUND_TRIPS_PER_BATCH = 2;

interface Bounds {
  readonly least?: number;
  readonly most?: number;
}

/** The targets and the measured values. Ratios are medians of the rounds' ratios. */
export function checkTargets({ main, policies, rows, soak }: Results): readonly Target[] {
  const of = (value: (section: MainSection) => Spread | undefined): number | undefined =>
    main === undefined ? undefined : value(main)?.median;
  return [
    target(
      'issuing / Fastify with token check, (c)/(b)',
      of((m) => rateRatio(m, 'c', 'b')),
      { least: 0.75 },
    ),
    target(
      'issuing / one statement, (c)/(f)',
      of((m) => rateRatio(m, 'c', 'f')),
      { least: 8 },
    ),
    target(
      'issuing / row lock, (c)/(g)',
      of((m) => rateRatio(m, 'c', 'g')),
      { least: 20 },
    ),
    target(
      'issuing / batches of 1, (c)/(e)',
      of((m) => rateRatio(m, 'c', 'e')),
      { least: 10 },
    ),
    target(
      'durable issues a second, (c)',
      of((m) => rateOf(m, 'c')),
      { least: 20_000 },
    ),
    target(
      'refusing sold out / (b)',
      of((m) => rateRatio(m, 'd1', 'b')),
      { least: 0.9 },
    ),
    target(
      'refusing already issued / (b)',
      of((m) => rateRatio(m, 'd2', 'b')),
      { least: 0.9 },
    ),
    target(
      'at 64 connections, (c)/(b)',
      of((m) => rateRatio(m, 'c', 'b', 64)),
      { least: 0.5 },
    ),
    target(
      'p50 at 1 connection, (c)/(f)',
      of((m) => p50Ratio(m, 'c', 'f', 1)),
      { most: 1.1 },
    ),
    target(
      'round trips per issue',
      of((m) => perIssueOf(m, 'c', ({ groups }) => roundTrips(groups))),
      { most: 2 },
    ),
    target(
      'rows per issue',
      of((m) => perIssueOf(m, 'c', (issue) => issue.rows)),
      { most: 2.1 },
    ),
    target(
      'WAL syncs per issue',
      of((m) => perIssueOf(m, 'c', (issue) => issue.walSyncs)),
      { most: 1 / 50 },
    ),
    target('many policies / one hot', policies?.ratio?.median, { least: 0.7, most: 1.5 }),
    target('filled table / empty', rows?.ratio?.median, { least: 0.9 }),
    target('memory above its median, MB', soak && soak.rssMb.max - soak.rssMb.median, { most: 50 }),
    target('memory below its median, MB', soak && soak.rssMb.median - soak.rssMb.min, { most: 50 }),
  ];
}

const roundTrips = (groups: number | undefined): number | undefined =>
  groups === undefined ? undefined : groups * ROUND_TRIPS_PER_BATCH;

function target(name: string, value: number | undefined, { least: low, most: high }: Bounds): Target {
  const isMet = value !== undefined && value >= (low ?? -Infinity) && value <= (high ?? Infinity);
  return { name, value, low, high, verdict: value === undefined ? 'not measured' : isMet ? 'met' : 'not met' };
}

/** All faults of all sections. The figures of a measurement with a fault do not count. */
export function faultsOf({ main, policies, rows }: Results): readonly string[] {
  const measurements = (main?.measurements ?? []).flatMap(({ id, connections, fault, round }) =>
    fault === undefined ? [] : [`${id} at ${connections} connections, round ${round + 1}: ${fault}`],
  );
  return [...measurements, ...(policies?.faults ?? []), ...(rows?.faults ?? [])];
}
