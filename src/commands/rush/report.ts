import type { AuditReport } from '../../app/run-audits.ts';
import type { Check } from './checks.ts';
import type { Latency, Percentiles, RushFigures } from './figures.ts';

export interface RushReport extends RushFigures {
  readonly url: string;
  readonly policyId: string;
  readonly users: number;
  readonly coupons: number;
  readonly connections: number;
  readonly checks: readonly Check[];
  readonly audit: AuditReport;
  /** Everything that had to be exact was. */
  readonly exact: boolean;
}

const count = (value: number): string => Math.round(value).toLocaleString('en');
const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
const millis = (ms: number): string => `${ms < 10 ? ms.toFixed(1) : count(ms)} ms`;

/** The report for people. */
export function renderReport(report: RushReport): string {
  const { retries } = report;
  const kinds = Object.entries(report.errorKinds).map(([kind, times]) => `${count(times)} x ${kind}`);
  return [
    '',
    row('issued', count(report.issued), `${count(report.issuesPerSecond)}/s from the start to the last coupon`),
    row('sold out', count(report.soldOut), `${count(report.refusalsPerSecond)} refusals/s`),
    row('already issued', count(report.alreadyIssued), lostAnswers(report)),
    row('errors', count(report.errors), kinds.join(', ')),
    row('asked again', count(retries.transport + retries.busy), askedAgain(retries)),
    row('duration', seconds(report.durationMs), ''),
    '',
    `  ${'latency'.padEnd(34)}${['p50', 'p95', 'p99', 'max'].map((name) => name.padStart(10)).join('')}`,
    ...latencies('admitted', report.latencyMs.admitted),
    ...latencies('refused', report.latencyMs.refused),
    '',
    ...report.checks.map(({ name, ok, detail }) => `  ${ok ? 'ok    ' : 'WRONG '} ${name}: ${detail}`),
    '',
    report.exact ? '  Exact.' : '  NOT EXACT: see WRONG and errors above.',
    '',
  ].join('\n');
}

const row = (name: string, value: string, note: string): string =>
  `  ${name.padEnd(16)}${value.padStart(10)}${note === '' ? '' : `   ${note}`}`;

/** Each user asks once, so one who already has a coupon got it by a request whose answer was lost. */
const lostAnswers = ({ alreadyIssued }: RushFigures): string =>
  alreadyIssued === 0 ? '' : 'by a request whose answer was lost; they learned of it on asking again';

const askedAgain = ({ transport, busy }: RushFigures['retries']): string =>
  transport + busy === 0 ? '' : `${count(transport)} broken or late, ${count(busy)} told to come back`;

function latencies(kind: string, latency: Latency | null): readonly string[] {
  if (latency === null) return [];
  return [
    line(`${kind}, since all meant to ask`, latency.fromIntended),
    line(`${kind}, since its request left`, latency.fromSent),
  ];
}

const line = (name: string, { p50, p95, p99, max }: Percentiles): string =>
  `  ${name.padEnd(34)}${[p50, p95, p99, max].map((value) => millis(value).padStart(10)).join('')}`;
