import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectForPage } from './collect-once.ts';
import type { MetricsSource } from './metrics-source.ts';

export interface MetricsServer {
  /** The port it listens on; it was free when 0 was asked for. */
  readonly port: number;
  close(): Promise<void>;
}

/** Serves /metrics on a port of its own, so that it can be closed to the clients of the API. Rejects when it cannot listen. */
export async function metricsServer(source: MetricsSource, port: number, host: string): Promise<MetricsServer> {
  const metrics = collectForPage(() => source.metrics());
  const handle: RequestListener = (request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
    } else if (request.method !== 'GET') {
      response.writeHead(405, { allow: 'GET' }).end();
    } else {
      metrics().then(
        (text) => response.writeHead(200, { 'content-type': source.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
    }
  };
  const server = createServer(handle).listen(port, host);
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
