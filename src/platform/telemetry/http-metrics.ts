import type { Server } from 'node:net';
import { promisify } from 'node:util';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Few, because each is a series of each route: with 12 they were two thirds of a page of 390 kB. 1 s is the limit of the alert. */
const SECONDS = [0.0025, 0.01, 0.025, 0.1, 0.25, 1, 2.5];
/** Statuses beyond the known ones share a child: the label has to stay bounded. */
const STATUS_MAX = 599;

/** Records one response. */
export type ObserveResponse = (status: number, seconds: number) => void;

export interface HttpMetrics {
  /** `route` is a template, never a request path. Label children are resolved once, so the call is cheap. */
  route(method: string, route: string): ObserveResponse;
}

export function httpMetrics(registry: Registry): HttpMetrics {
  const answers = new Counter({
    name: 'stampede_http_requests_total',
    help: 'Responses by route and status',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'stampede_http_request_seconds',
    help: 'Time from the first header to the response',
    labelNames: ['method', 'route'],
    buckets: SECONDS,
    registers: [registry],
  });
  return {
    route(method, route) {
      const duration = durations.labels(method, route);
      const counters: (Counter.Internal | undefined)[] = [];
      return (status, seconds) => {
        const place = Math.min(status, STATUS_MAX);
        let counter = counters[place];
        if (counter === undefined) {
          counter = answers.labels(method, route, String(place));
          counters[place] = counter;
        }
        counter.inc();
        duration.observe(seconds);
      };
    },
  };
}

/** The number of open connections, counted when Prometheus scrapes. */
export function observeConnections(registry: Registry, server: Server): void {
  const count = promisify(server.getConnections.bind(server));
  new Gauge({
    name: 'stampede_http_connections',
    help: 'Open connections of clients',
    registers: [registry],
    async collect() {
      this.set(await count());
    },
  });
}
