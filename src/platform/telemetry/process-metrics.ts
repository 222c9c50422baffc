import type pg from 'pg';
import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client';

/** Node's own figures: memory, event loop, garbage collection. */
export function observeProcess(registry: Registry): void {
  collectDefaultMetrics({ register: registry, prefix: 'stampede_' });
}

/** The connections of each pool, and the callers that wait for one; read when Prometheus scrapes. */
export function observePools(registry: Registry, pools: ReadonlyMap<string, pg.Pool>): void {
  new Gauge({
    name: 'stampede_postgres_pool',
    help: 'Connections of a pool by state, and requests that wait for one',
    labelNames: ['pool', 'state'],
    registers: [registry],
    collect() {
      for (const [name, pool] of pools) {
        this.set({ pool: name, state: 'total' }, pool.totalCount);
        this.set({ pool: name, state: 'idle' }, pool.idleCount);
        this.set({ pool: name, state: 'waiting' }, pool.waitingCount);
      }
    },
  });
}
