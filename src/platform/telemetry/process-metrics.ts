import type pg from 'pg';
import { Counter, collectDefaultMetrics, Gauge, type Registry } from 'prom-client';
import type { Replica } from '../postgres/replica.ts';

/** Gauges that are named as counters, which `promtool check metrics` reports. They are the sums over `type` of the gauges without _total. */
const SUMS = ['handles', 'requests', 'resources'].map((what) => `stampede_nodejs_active_${what}_total`);

/** Node's own figures: memory, event loop, garbage collection; and the version of this program. */
export function observeProcess(registry: Registry, version: string): void {
  collectDefaultMetrics({ register: registry, prefix: 'stampede_' });
  for (const name of SUMS) registry.removeSingleMetric(name);
  new Gauge({
    name: 'stampede_build_info',
    help: 'The version of the program; always 1',
    labelNames: ['version'],
    aggregator: 'max',
    registers: [registry],
  }).set({ version }, 1);
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

/** How fresh the read replica is, and who served the reads that it could have served. */
export function observeReplica(registry: Registry, { behindMs, served }: Pick<Replica, 'behindMs' | 'served'>): void {
  new Gauge({
    name: 'stampede_replica_behind_seconds',
    help: 'How far behind the primary the read replica is at most; it is not used from 5 s on',
    registers: [registry],
    collect() {
      this.set(behindMs() / 1_000);
    },
  });
  new Counter({
    name: 'stampede_replica_reads_total',
    help: 'Reads that may be up to 5 s old, and exports, by who served them: the replica, the primary in its place, or the primary after the replica had failed',
    labelNames: ['served_by'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [servedBy, reads] of Object.entries(served)) this.inc({ served_by: servedBy }, reads);
    },
  });
}
