import { Gauge, type Registry } from 'prom-client';

/** Shows how many streams of each kind are open; counted when metrics are read. */
export function observeStreams(registry: Registry, counts: Readonly<Record<string, () => number>>): void {
  new Gauge({
    name: 'stampede_streams_open',
    help: 'Open streams of server-sent events: of stock, of the notices of a user, of the progress of jobs',
    labelNames: ['kind'],
    registers: [registry],
    collect() {
      for (const [kind, count] of Object.entries(counts)) this.set({ kind }, count());
    },
  });
}
