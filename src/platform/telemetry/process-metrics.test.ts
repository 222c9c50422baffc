import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { observeProcess } from './process-metrics.ts';

it('only counters of the process have names that end in _total', async () => {
  const registry = new Registry();
  observeProcess(registry, '1.0.0');
  const metrics = await registry.getMetricsAsJSON();
  expect(metrics.map(({ name }) => name)).toContain('stampede_nodejs_active_handles');
  const misnamed = metrics.filter(({ name, type }) => name.endsWith('_total') !== (String(type) === 'counter'));
  expect(misnamed.map(({ name }) => name)).toEqual([]);
});
