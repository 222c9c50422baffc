import type { Machine } from '../support/machine.ts';
import { type Spread, spreadOf } from '../support/statistics.ts';
import { CANDIDATES } from './candidates.ts';
import { measurementsOf, perIssueOf, rateOf, rateRatio } from './main-figures.ts';
import type { MainSection } from './main-section.ts';
import type { Results } from './results.ts';
import { checkTargets, faultsOf } from './targets.ts';

/** Everything that the terminal shows at the end. */
export function renderResults(results: Results): string {
  const { machine, main } = results;
  return [
    ...machineLines(machine),
    ...(main === undefined ? [] : mainLines(main)),
    ...sectionLines(results),
    '',
    'Targets',
    ...checkTargets(results).map(
      ({ name, value, low, high, verdict }) =>
        `  ${verdict.padEnd(13)} ${name.padEnd(44)} ${figure(value).padStart(9)}   ${bounds(low, high)}`,
    ),
    '',
    ...faultsOf(results).map((fault) => `FAULT ${fault}`),
  ].join('\n');
}

function machineLines({ cores, model, memoryGb, system, versions, postgresSettings }: Machine): readonly string[] {
  const pairs = (of: Readonly<Record<string, string>>) =>
    Object.entries(of)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  return [
    '',
    `${cores} cores of ${model}, ${memoryGb} GB, ${system}`,
    pairs(versions),
    `PostgreSQL: ${pairs(postgresSettings)}`,
    'The load generator and PostgreSQL share these cores with the server that is measured.',
  ];
}

function mainLines(main: MainSection): readonly string[] {
  const { connections, rounds, seconds } = main;
  const widths = [...new Set(main.measurements.map((measurement) => measurement.connections))].filter(
    (width) => width !== connections,
  );
  return [
    '',
    `${connections} connections, ${rounds} rounds of ${seconds} s, median (min to max); x is to the candidate of that row, round by round`,
    row(['', '', 'per second', '', '(c) is x', 'of (b)', 'p50', 'p99', 'syncs', 'rows', 'pool']),
    ...CANDIDATES.flatMap(({ id, label }) => candidateLine(main, id, label)),
    ...gaveUpLines(main),
    ...widths.flatMap((width) => [
      '',
      `${width} connection${width === 1 ? '' : 's'}`,
      ...CANDIDATES.flatMap(({ id, label }) => candidateLine(main, id, label, width)),
    ]),
  ];
}

function candidateLine(main: MainSection, id: string, label: string, width?: number): readonly string[] {
  const rate = rateOf(main, id, width);
  if (rate === undefined) return [];
  const measurements = measurementsOf(main, id, width);
  const isMainWidth = width === undefined;
  const ahead = id === 'c' || !isMainWidth ? undefined : rateRatio(main, 'c', id);
  return [
    row([
      `(${id})`,
      label,
      count(rate.median),
      `${count(rate.min)} to ${count(rate.max)}`,
      ahead === undefined ? '' : ahead.median.toFixed(2),
      figure(rateRatio(main, id, 'b', width)?.median),
      millis(spreadOf(measurements.map(({ p50Ms }) => p50Ms)).median),
      millis(spreadOf(measurements.map(({ p99Ms }) => p99Ms)).median),
      isMainWidth
        ? optional(
            perIssueOf(main, id, (issue) => issue.walSyncs),
            4,
          )
        : '',
      isMainWidth
        ? optional(
            perIssueOf(main, id, (issue) => issue.rows),
            2,
          )
        : '',
      isMainWidth ? bestPool(main, id) : '',
    ]),
  ];
}

/** A candidate that responds with 503 to a part of the load would look better than it is if only successes were counted. */
function gaveUpLines(main: MainSection): readonly string[] {
  return CANDIDATES.filter(({ givesUp }) => givesUp).flatMap(({ id }) => {
    const shares = measurementsOf(main, id).map(({ refused, requests }) => (100 * refused) / requests);
    return shares.length === 0
      ? []
      : [`  (${id}) sent 503 with Retry-After to ${spreadOf(shares).median.toFixed(0)} %`];
  });
}

const WIDTHS = [5, 36, 11, 18, 10, 8, 12, 12, 9, 6, 6];
const row = (cells: readonly string[]): string =>
  `  ${cells.map((cell, at) => (at < 2 ? cell.padEnd(WIDTHS[at] ?? 0) : cell.padStart(WIDTHS[at] ?? 0))).join('')}`;

function sectionLines({ policies, rows, soak }: Results): readonly string[] {
  return [
    ...(policies === undefined
      ? []
      : ['', `${count(policies.policies)} policies ${spread(policies.many)}/s, one hot ${spread(policies.oneHot)}/s`]),
    ...(rows === undefined
      ? []
      : ['', `${count(rows.rows)} coupons in the table ${spread(rows.filled)}/s, empty ${spread(rows.empty)}/s`]),
    ...(soak === undefined
      ? []
      : [
          '',
          `${soak.seconds} s of load, ${count(soak.issued)} coupons at ${spread(soak.perSecond)}/s: resident memory ` +
            `${spread(soak.rssMb)} MB, drift ${soak.driftMb.toFixed(0)} MB`,
        ]),
  ];
}

function bestPool(main: MainSection, id: string): string {
  const [best] = Object.entries(main.pools[id] ?? {}).toSorted(([, a], [, b]) => b - a);
  return best?.[0] ?? '';
}

const millis = (ms: number): string => `${ms.toFixed(ms < 10 ? 2 : 0)} ms`;
const count = (value: number): string => Math.round(value).toLocaleString('en');
const spread = ({ median, min, max }: Spread): string => `${count(median)} (${count(min)} to ${count(max)})`;
const optional = (of: Spread | undefined, digits: number): string => of?.median.toFixed(digits) ?? '';
const figure = (value: number | undefined): string =>
  value === undefined ? '' : value >= 100 ? count(value) : value.toFixed(value < 0.1 ? 4 : 2);
const bounds = (low: number | undefined, high: number | undefined): string =>
  [low === undefined ? '' : `at least ${figure(low)}`, high === undefined ? '' : `at most ${figure(high)}`]
    .filter((part) => part !== '')
    .join(', ');
