import { AggregatorRegistry, Registry } from 'prom-client';
import { beforeEach, expect, it } from 'vitest';
import { measuredGauge } from './measured-gauge.ts';

let registry: Registry;
let nowMs: number;
beforeEach(() => {
  registry = new Registry();
  nowMs = 0;
});

const options = { name: 'measured', help: 'Measured', elapsedMs: () => nowMs };
const shown = async (): Promise<readonly string[]> =>
  (await registry.metrics()).split('\n').filter((line) => line.startsWith('measured'));

it('a gauge that was never measured has no value', async () => {
  measuredGauge(registry, options);
  expect(await shown()).toEqual([]);
});

it('a gauge without labels has its last value for two minutes, then none instead of 0, and again after the next measurement', async () => {
  const set = measuredGauge(registry, options);
  set(3);
  nowMs = 120_000;
  expect(await shown()).toEqual(['measured 3']);
  nowMs = 120_001;
  expect(await shown()).toEqual([]);
  set(0);
  expect(await shown()).toEqual(['measured 0']);
});

it('a gauge with labels has its last values for two minutes, then none', async () => {
  const set = measuredGauge(registry, { ...options, labelNames: ['channel'] });
  set(3, { channel: 'mail' });
  set(0, { channel: 'push' });
  expect(await shown()).toEqual(['measured{channel="mail"} 3', 'measured{channel="push"} 0']);
  nowMs = 120_001;
  expect(await shown()).toEqual([]);
});

it('the worker that measured last gives the value of all workers of a process', async () => {
  const other = new Registry();
  measuredGauge(registry, options);
  measuredGauge(other, options)(5);
  const all = await Promise.all([registry, other].map((each) => each.getMetricsAsJSON()));
  expect(await AggregatorRegistry.aggregate(all).metrics()).toContain('\nmeasured 5\n');
});
