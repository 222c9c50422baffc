import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { Metrics } from './protocol.ts';
import { summedMetrics } from './summed-metrics.ts';

/** The metrics of a process in which `count` requests took 1 s each, as another process receives them. */
async function processWith(count: number, age: number): Promise<Metrics> {
  const registers = [new Registry()];
  const labelNames = ['route'];
  const requests = new Counter({ name: 'requests_total', help: 'r', labelNames, registers });
  const seconds = new Histogram({ name: 'seconds', help: 's', labelNames, buckets: [2], registers });
  new Gauge({ name: 'connections', help: 'c', registers }).set(count);
  new Gauge({ name: 'age', help: 'a', aggregator: 'max', registers }).set(age);
  requests.inc({ route: '/a' }, count);
  for (let each = 0; each < count; each++) seconds.observe({ route: '/a' }, 1);
  return structuredClone(await registers[0]?.getMetricsAsJSON()) ?? [];
}

const samplesOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('counters, histograms and gauges of several processes are added up, unless a gauge names another way', async () => {
  const text = await summedMetrics().text([await processWith(2, 9), await processWith(3, 7)]);
  expect(samplesOf(text)).toEqual([
    'requests_total{route="/a"} 5',
    'seconds_bucket{le="2",route="/a"} 5',
    'seconds_bucket{le="+Inf",route="/a"} 5',
    'seconds_sum{route="/a"} 5',
    'seconds_count{route="/a"} 5',
    'connections 5',
    'age 9',
  ]);
});

test('what processes that have ended had counted is added for ever, and their gauges are not', async () => {
  const metrics = summedMetrics();
  await metrics.retire(await processWith(4, 9));
  await metrics.retire(await processWith(6, 8));
  const text = await metrics.text([await processWith(1, 7)]);
  expect(samplesOf(text)).toEqual([
    'requests_total{route="/a"} 11',
    'seconds_bucket{le="2",route="/a"} 11',
    'seconds_bucket{le="+Inf",route="/a"} 11',
    'seconds_sum{route="/a"} 11',
    'seconds_count{route="/a"} 11',
    'connections 1',
    'age 7',
  ]);
});
