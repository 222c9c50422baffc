import type { ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { type PageServer, type Pages, servePages } from '../platform/http/page-server.ts';
import { type ReadinessSources, readinessOf } from '../platform/http/readiness.ts';
import { metricsPages } from '../platform/telemetry/metrics-server.ts';

export interface OpsOptions extends ReadinessSources {
  readonly host: string;
  /** 0 chooses a free port. */
  readonly port: number;
  readonly registry: Registry;
}

/** Serves /healthz, /readyz and /metrics of a process without the gateway, as the gateway does. Rejects when it cannot listen. */
export async function openOps(options: OpsOptions): Promise<PageServer> {
  const pages: Pages = {
    '/healthz': async (response) => sendJson(response, 200, { status: 'ok' }),
    async '/readyz'(response) {
      const { code, body } = await readinessOf(options);
      sendJson(response, code, body);
    },
    ...metricsPages(options.registry),
  };
  return await servePages(pages, options.port, options.host);
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
