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
