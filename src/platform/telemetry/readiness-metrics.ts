import { Gauge, type Registry } from 'prom-client';
import { type ReadinessSources, readinessOf } from '../http/readiness.ts';
import { collectOnce } from './collect-once.ts';
import { lastKnown } from './last-known.ts';

/**
 * Shows what /readyz returns. The dependencies are checked when metrics are read. A check without a result ends after 2 s; the page does not wait for it and
 * shows the state before, and the next page has its result.
 */
export function observeReadiness(registry: Registry, sources: ReadinessSources): void {
  // Both gauges are collected at the same time.
  const read = collectOnce(lastKnown(() => readinessOf(sources)));
  const registers = [registry];
  new Gauge({
    name: 'stampede_ready',
    help: 'Whether the process is ready for requests, as /readyz: 1, or 0',
    aggregator: 'min',
    registers,
    async collect() {
      const known = await read();
      // Without a value it would be 0.
      if (known === undefined) this.remove();
      else this.set(known.code === 200 ? 1 : 0);
    },
  });
  new Gauge({
    name: 'stampede_dependency_up',
    help: 'Whether a dependency of /readyz is up: 1, or 0',
    labelNames: ['dependency'],
    aggregator: 'min',
    registers,
    async collect() {
      const known = await read();
      for (const [dependency, state] of Object.entries(known?.body.dependencies ?? {})) {
        this.set({ dependency }, state === 'up' ? 1 : 0);
      }
    },
  });
}
