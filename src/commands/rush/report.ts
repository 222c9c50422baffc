import type { AuditReport } from '../../app/audits/audit-report.ts';
import type { Check } from './check.ts';
import type { Percentiles, RushFigures } from './figures.ts';
import type { Rush } from './rush.ts';

export interface RushReport extends RushFigures {
  readonly url: string;
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
export function renderReport<Data>({ responses }: Pick<Rush<Data>, 'responses'>, report: RushReport): string {
  const { retries } = report;
  const kinds = Object.entries(report.errorKinds).map(([kind, times]) => `${count(times)} x ${kind}`);
  return [
    '',
    ...responses.map(({ name, rate, note }) => {
      const { count: times, perSecond } = report.answers[name] ?? { count: 0, perSecond: 0 };
      const notes = [rate && `${count(perSecond)}${rate.text}`, note].filter((text) => text !== undefined);
      return row(name, count(times), times === 0 ? '' : notes.join('; '));
    }),
    row('errors', count(report.errors), kinds.join(', ')),
    row('retries', count(retries.transport + retries.busy), retriesText(retries)),
    row('duration', seconds(report.durationMs), ''),
    '',
    `  ${'latency'.padEnd(34)}${['p50', 'p95', 'p99', 'max'].map((name) => name.padStart(10)).join('')}`,
    ...Object.entries(report.latencyMs).map(([name, percentiles]) => latencyLine(name, percentiles)),
    '',
    ...report.checks.map(({ name, ok, detail }) => `  ${ok ? 'ok    ' : 'WRONG '} ${name}: ${detail}`),
    '',
    report.exact ? '  Exact.' : '  NOT EXACT: see WRONG and errors above.',
    '',
  ].join('\n');
}

const row = (name: string, value: string, note: string): string =>
  `  ${name.padEnd(16)}${value.padStart(10)}${note === '' ? '' : `   ${note}`}`;

const retriesText = ({ transport, busy }: RushFigures['retries']): string =>
  transport + busy === 0 ? '' : `${count(transport)} after a lost or late response, ${count(busy)} after a 503`;

const latencyLine = (name: string, { p50, p95, p99, max }: Percentiles): string =>
  `  ${name.padEnd(34)}${[p50, p95, p99, max].map((value) => millis(value).padStart(10)).join('')}`;
