import { Gauge, type Registry } from 'prom-client';
import { type ReadinessSources, readinessOf } from '../http/readiness.ts';
import { collectOnce } from './collect-once.ts';

/** Shows what /readyz returns. The dependencies are checked when metrics are read; a check without a result ends after 2 s. */
export function observeReadiness(registry: Registry, sources: ReadinessSources): void {
  // Both gauges are collected at the same time.
  const read = collectOnce(() => readinessOf(sources));
  const registers = [registry];
  new Gauge({
    name: 'stampede_ready',
    help: 'Whether the process is ready for requests, as /readyz: 1, or 0',
    aggregator: 'min',
    registers,
    async collect() {
      const { code } = await read();
      this.set(code === 200 ? 1 : 0);
    },
  });
  new Gauge({
    name: 'stampede_dependency_up',
    help: 'Whether a dependency of /readyz is up: 1, or 0',
    labelNames: ['dependency'],
    aggregator: 'min',
    registers,
    async collect() {
      const { body } = await read();
      for (const [dependency, state] of Object.entries(body.dependencies)) {
        this.set({ dependency }, state === 'up' ? 1 : 0);
      }
    },
  });
}
