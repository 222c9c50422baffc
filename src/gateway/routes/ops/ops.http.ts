import { z } from 'zod';
import { type ReadinessSources, readinessOf } from '../../../platform/http/readiness.ts';
import { metricsPage } from '../../../platform/telemetry/metrics-page.ts';
import type { MetricsSource } from '../../../platform/telemetry/metrics-source.ts';
import { type Route, route } from '../../server/route.ts';

const Health = z.strictObject({ status: z.literal('ok') }).meta({ id: 'Health' });
const Readiness = z
  .strictObject({
    status: z.enum(['ready', 'not ready']),
    dependencies: z.record(z.string(), z.enum(['up', 'down'])),
  })
  .meta({ id: 'Readiness' });

export interface OpsDeps extends ReadinessSources {
  /** Undefined: metrics have a port of their own. */
  readonly metrics: MetricsSource | undefined;
}

const OPEN = {
  tag: 'operations',
  method: 'GET',
  access: 'ANYBODY',
  plain: true,
  isProbe: true,
  unlimited: true,
  bypassesShedding: true,
  status: 200,
} as const;

/** For orchestrators and Prometheus: no token, no rate limit, no data about users. */
export function opsRoutes(deps: OpsDeps): readonly Route[] {
  return [
    route({
      ...OPEN,
      id: 'getHealth',
      paths: ['/healthz'],
      summary: 'Check that the process is alive',
      response: { schema: Health, example: { status: 'ok' } },
      handle: () => ({ status: 'ok' }),
    }),
    route({
      ...OPEN,
      id: 'getReadiness',
      paths: ['/readyz'],
      summary: 'Check that the process is ready for requests',
      description:
        '503 with the same body while PostgreSQL is down, the node drains, or its clock is wrong and those of other nodes are right. Kafka may be down. `clock` is down while the clock is more than 2 s from that of PostgreSQL.',
      response: {
        schema: Readiness,
        example: { status: 'ready', dependencies: { postgres: 'up', clock: 'up', files: 'up' } },
      },
      async handle(_request, reply) {
        const { code, body } = await readinessOf(deps);
        return reply.code(code).send(body);
      },
    }),
    ...(deps.metrics === undefined ? [] : [metricsRoute(deps.metrics)]),
  ];
}

function metricsRoute(source: MetricsSource): Route {
  const read = metricsPage(source);
  return route({
    ...OPEN,
    id: 'getMetrics',
    paths: ['/metrics'],
    summary: 'Read Prometheus metrics',
    response: {
      schema: z.string(),
      example: 'stampede_http_requests_total{method="GET",route="/healthz",status="200"} 1',
      type: 'text/plain',
    },
    async handle(request, reply) {
      const { headers, body } = await read(request.headers['accept-encoding']);
      return reply.headers(headers).send(body);
    },
  });
}
