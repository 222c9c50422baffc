import { type PageServer, type Pages, servePages } from '../http/page-server.ts';
import { metricsPage } from './metrics-page.ts';
import type { MetricsSource } from './metrics-source.ts';

/** Returns the page /metrics for a server of pages. */
export function metricsPages(source: MetricsSource): Pages {
  const read = metricsPage(source);
  return {
    async '/metrics'(response) {
      const { headers, body } = await read(response.req.headers['accept-encoding']);
      response.writeHead(200, headers).end(body);
    },
  };
}

/** Serves /metrics on a port of its own, so that it can be closed to the clients of the API. Rejects when it cannot listen. */
export const metricsServer = (source: MetricsSource, port: number, host: string): Promise<PageServer> =>
  servePages(metricsPages(source), port, host);
