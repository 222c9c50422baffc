import type { PlantedBug } from './bugs.ts';

const PAGE = ['test/monitoring/metrics-page.int.test.ts'];

/** What operators see. */
export const MONITORING_BUGS: readonly PlantedBug[] = [
  {
    name: 'monitoring: readers of metrics start any number of collections at the same time',
    file: 'src/platform/telemetry/collect-once.ts',
    within: 'collectForPage',
    search: 'await free;',
    replace: '',
    tests: ['src/platform/telemetry/collect-once.test.ts'],
  },
  {
    name: 'monitoring: a dependency that is down is shown as up',
    file: 'src/platform/telemetry/readiness-metrics.ts',
    within: 'observeReadiness',
    search: "state === 'up' ? 1 : 0",
    replace: '1',
    tests: PAGE,
    only: 'the state of its dependencies, its version, its tasks',
  },
  {
    name: 'monitoring: a page of metrics waits for a dependency that does not respond',
    file: 'src/platform/telemetry/last-known.ts',
    within: 'lastKnown',
    search: 'withTimeout(reading, WAIT_MAX_MS, late)',
    replace: 'reading',
    tests: ['src/platform/telemetry/last-known.test.ts'],
  },
  {
    name: 'monitoring: a process whose dependencies are not known is shown as not ready',
    file: 'src/platform/telemetry/readiness-metrics.ts',
    within: 'observeReadiness',
    search: 'if (known === undefined) this.remove();',
    replace: 'if (known === undefined) this.set(0);',
    tests: ['src/platform/telemetry/last-known.test.ts'],
  },
  {
    name: 'monitoring: an outage writes a line for every failure',
    file: 'src/platform/telemetry/outage-log.ts',
    within: 'outageLog',
    search: 'now - loggedMs < MINUTE_MS',
    replace: 'false',
    tests: ['src/platform/telemetry/outage-log.test.ts'],
  },
  {
    name: 'monitoring: the end of an outage is not logged',
    file: 'src/platform/telemetry/outage-log.ts',
    within: 'outageLog',
    search: 'loggedSinceMs = sinceMs;',
    replace: '',
    tests: ['src/platform/telemetry/outage-log.test.ts'],
  },
  {
    name: 'monitoring: a task appears with its first run, so that no increase by it can be seen',
    file: 'src/platform/scheduling/task-metrics.ts',
    within: 'taskMetrics',
    search: 'for (const outcome of OUTCOMES) metrics.runs.inc({ job, outcome }, 0);',
    replace: '',
    tests: PAGE,
    only: 'the state of its dependencies, its version, its tasks',
  },
  {
    name: 'monitoring: an audit that found an invariant broken is shown as one that holds',
    file: 'src/commands/audit/audit-metrics.ts',
    within: 'auditMetrics',
    search: 'ok ? 0 : 1',
    replace: '0',
    tests: ['src/commands/audit/audit-metrics.test.ts'],
  },
  {
    name: 'monitoring: a closed stream of stock is counted as open',
    file: 'src/gateway/streams/stock-streams.ts',
    within: 'stockStreams',
    search: 'count -= 1;',
    replace: '',
    tests: ['src/gateway/streams/stock-streams.test.ts'],
  },
  {
    name: 'monitoring: failed requests to webhooks are shown without a cause',
    file: 'src/contexts/webhook/domain/attempt.ts',
    within: 'failureCause',
    search: 'return `STATUS_${Math.floor((status ?? 0) / 100)}XX`;',
    replace: "return '';",
    tests: ['src/contexts/webhook/domain/attempt.test.ts'],
  },
];
