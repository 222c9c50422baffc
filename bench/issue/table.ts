import type { Machine } from '../support/machine.ts';
import { type Spread, spreadOf } from '../support/statistics.ts';
import { ENTRANTS } from './entrants.ts';
import { perIssueOf, rateOf, rateRatio, slicesOf } from './main-figures.ts';
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
  const widths = [...new Set(main.slices.map((slice) => slice.connections))].filter((width) => width !== connections);
  return [
    '',
    `${connections} connections, ${rounds} rounds of ${seconds} s, median (min to max); x is to the entrant of that row, round by round`,
    row(['', '', 'per second', '', '(c) is x', 'of (b)', 'p50', 'p99', 'syncs', 'rows', 'pool']),
    ...ENTRANTS.flatMap(({ id, label }) => entrantLine(main, id, label)),
    ...gaveUpLines(main),
    ...widths.flatMap((width) => [
      '',
      `${width} connection${width === 1 ? '' : 's'}`,
      ...ENTRANTS.flatMap(({ id, label }) => entrantLine(main, id, label, width)),
    ]),
  ];
}

function entrantLine(main: MainSection, id: string, label: string, width?: number): readonly string[] {
  const rate = rateOf(main, id, width);
  if (rate === undefined) return [];
  const slices = slicesOf(main, id, width);
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
      millis(spreadOf(slices.map(({ p50Ms }) => p50Ms)).median),
      millis(spreadOf(slices.map(({ p99Ms }) => p99Ms)).median),
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

/** Who answers 503 to a part of the crowd looks better than it is when only its successes are counted. */
function gaveUpLines(main: MainSection): readonly string[] {
  return ENTRANTS.filter(({ givesUp }) => givesUp).flatMap(({ id }) => {
    const shares = slicesOf(main, id).map(({ refused, requests }) => (100 * refused) / requests);
    return shares.length === 0 ? [] : [`  (${id}) told ${spreadOf(shares).median.toFixed(0)} % to come back later`];
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
