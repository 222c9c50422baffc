import type { PlantedBug } from './bugs.ts';

const WORKERS = 'src/app/workers';
const E2E = ['test/e2e/workers.e2e.test.ts'];

/** Workers that share a port, and the process that keeps them. */
export const WORKER_BUGS: readonly PlantedBug[] = [
  {
    name: 'workers: what a worker that ended had counted is forgotten',
    file: `${WORKERS}/primary.ts`,
    within: 'startWorkers',
    search: 'await sums.retire(worker.lastMetrics());',
    replace: '',
    tests: E2E,
    only: 'its counters do not step back',
  },
  {
    name: 'workers: the gauges of a worker that ended count for ever',
    file: `${WORKERS}/summed-metrics.ts`,
    within: 'summedMetrics',
    search: '.filter(({ type }) => COUNTED.has(String(type)))',
    replace: '',
    tests: [`${WORKERS}/summed-metrics.test.ts`],
  },
  {
    name: 'workers: /metrics is that of the worker that accepted the request',
    file: `${WORKERS}/worker.ts`,
    within: 'runWorker',
    search: "metrics: () => call('metrics')",
    replace: 'metrics: () => own.metrics()',
    tests: E2E,
    only: 'its counters do not step back',
  },
  {
    name: 'workers: a worker that stands still is left alone',
    file: `${WORKERS}/worker-process.ts`,
    within: 'forkWorker',
    search: 'if (unansweredPings === PINGS_MAX) kill();',
    replace: '',
    tests: E2E,
    only: 'its counters do not step back',
  },
  {
    name: 'workers: a worker that SIGTERM stops does not drain',
    file: `${WORKERS}/worker.ts`,
    within: 'runWorker',
    search: 'if (server !== undefined) await drain(server);',
    replace: '',
    tests: E2E,
    only: 'stopped one after the other fail no request',
  },
  {
    name: 'workers: a crash loop goes on for ever',
    file: `${WORKERS}/restarts.ts`,
    within: 'restarts',
    search: 'if (crashes.length > CRASHES_MAX * workers) return undefined;',
    replace: '',
    tests: [`${WORKERS}/restarts.test.ts`],
    only: 'are a crash loop',
  },
  {
    name: 'workers: a call waits for ever when the channel closes',
    file: `${WORKERS}/calls.ts`,
    within: 'openCalls',
    search: "for (const call of waiting.values()) call.reject(new Error('the other process has ended'));",
    replace: '',
    tests: [`${WORKERS}/calls.test.ts`],
    only: 'calls reject when the channel closes',
  },
  {
    name: 'workers: a process that serves gRPC has workers',
    file: 'src/app/target-problems.ts',
    within: 'workerProblems',
    search: 'workers === 1',
    replace: 'workers <= 64',
    tests: ['src/app/targets.test.ts'],
    only: 'has no workers',
  },
  {
    name: 'workers: each may choose another free port',
    file: `${WORKERS}/primary.ts`,
    within: 'startWorkers',
    search: 'port: given.port || (await freePort())',
    replace: 'port: given.port',
    tests: E2E,
    only: 'the address stays the same',
  },
];
