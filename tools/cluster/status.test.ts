import { expect, it } from 'vitest';
import { logLines } from './log-lines.ts';
import { instancesIn, type Sample, type StatusRow, statusLine, statusTable, sumOf } from './status.ts';

const at = (atMs: number, done: number): Sample => ({
  atMs,
  isReady: true,
  down: [],
  instances: {},
  done,
  cpuSeconds: atMs / 4_000,
  residentBytes: 100 * 2 ** 20,
  lag: 7,
});
const ROW: StatusRow = {
  name: 'coupon-1',
  port: 3001,
  pid: 9,
  restarts: 0,
  unit: 'events/s',
  now: at(4_000, 5_000),
  before: at(2_000, 1_000),
};

it('the table shows the health, the instances that it calls, the rate since the last look, the lag and the CPU of each process', () => {
  const instances = { coupon: { known: 2, ready: 1 }, store: { known: 1, ready: 1 }, point: { known: 0, ready: 0 } };
  const rows: StatusRow[] = [
    ROW,
    {
      ...ROW,
      name: 'gateway-1',
      unit: 'requests/s',
      now: { ...at(4_000, 0), isReady: false, down: ['point'], instances },
    },
    { ...ROW, name: 'point', now: undefined },
    { ...ROW, name: 'order', pid: undefined, now: undefined, restarts: 2 },
  ];
  expect(
    statusTable(rows)
      .split('\n')
      .map((line) => line.replaceAll(/ {2,}/g, ' | ')),
  ).toEqual([
    ' | port | health | calls | rate | events | CPU | memory | restarts',
    'coupon-1 | 3001 | ready | 2,000 events/s | lag 7 | 25 % | 100 MB',
    // It was started again, so there is no rate yet.
    'gateway-1 | 3001 | not ready (without point) | 2 of 3 instances (coupon 1 of 2, point 0 of 0) | 25 % | 100 MB',
    'point | 3001 | no answer',
    'order | 3001 | ended | 2',
  ]);
  expect(statusLine([ROW])).toBe('coupon-1 ready 2,000 events/s lag 7');
});

it('a metric is summed over its labels, and others with the same beginning are left out', () => {
  const text = '# HELP a b\na{x="1"} 2\na{x="2 3"} 3\nab 100\na_total 100\n';
  expect(sumOf(text, 'a')).toBe(5);
});

it('the instances of a context are those of its lines', () => {
  const text = `# TYPE stampede_grpc_client_instances gauge
stampede_grpc_client_instances{context="coupon",state="known"} 2
stampede_grpc_client_instances{context="coupon",state="ready"} 1
stampede_grpc_client_instances{context="point",state="known"} 1
stampede_grpc_client_instances{context="point",state="ready"} 1
`;
  expect(instancesIn(text)).toEqual({ coupon: { known: 2, ready: 1 }, point: { known: 1, ready: 1 } });
});

it('a line of a process is shown with its name, level, message and facts, in colour where that is wanted', () => {
  const lines = logLines(['a', 'point'], false);
  const json = JSON.stringify({
    level: 40,
    time: 1,
    pid: 2,
    msg: 'slow',
    group: 'x',
    err: { message: 'no\nbroker', stack: 's' },
  });
  expect(lines.format('a', json)).toBe('a     | WARN  slow group=x err=no broker');
  expect(lines.format('point', 'plain \u001b[2J')).toBe('point | plain  [2J');
  expect(lines.format('point', '{ no json')).toBe('point | { no json');
  expect(logLines(['a'], true).format('a', 'text')).toBe('\u001b[36ma |\u001b[0m text');
});
