import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { type ReadinessSources, readinessOf } from '../platform/http/readiness.ts';
import { collectForPage } from '../platform/telemetry/collect-once.ts';

export interface OpsOptions extends ReadinessSources {
  readonly host: string;
  /** 0 chooses a free port. */
  readonly port: number;
  readonly registry: Registry;
}

export interface OpsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves /healthz, /readyz and /metrics of a process without the gateway, as the gateway does. Rejects when it cannot listen. */
export async function openOps(options: OpsOptions): Promise<OpsServer> {
  const { registry } = options;
  const metrics = collectForPage(() => registry.metrics());
  const pages: Readonly<Record<string, (response: ServerResponse) => Promise<void>>> = {
    '/healthz': async (response) => sendJson(response, 200, { status: 'ok' }),
    async '/readyz'(response) {
      const { code, body } = await readinessOf(options);
      sendJson(response, code, body);
    },
    async '/metrics'(response) {
      const text = await metrics();
      response.writeHead(200, { 'content-type': registry.contentType }).end(text);
    },
  };
  const handle: RequestListener = (request, response) => {
    const page = Object.hasOwn(pages, request.url ?? '') ? pages[request.url ?? ''] : undefined;
    if (page === undefined) response.writeHead(404).end();
    else if (request.method !== 'GET') response.writeHead(405, { allow: 'GET' }).end();
    else page(response).catch(() => response.writeHead(500).end());
  };
  const server = createServer(handle).listen(options.port, options.host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
