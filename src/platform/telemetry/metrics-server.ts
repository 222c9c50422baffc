import { type PageServer, type Pages, servePages } from '../http/page-server.ts';
import { collectForPage } from './collect-once.ts';
import type { MetricsSource } from './metrics-source.ts';

/** Serves /metrics on a port of its own, so that it can be closed to the clients of the API. Rejects when it cannot listen. */
export async function metricsServer(source: MetricsSource, port: number, host: string): Promise<PageServer> {
  const metrics = collectForPage(() => source.metrics());
  const page: Pages[string] = async (response) => {
    const text = await metrics();
    response.writeHead(200, { 'content-type': source.contentType }).end(text);
  };
  return await servePages({ '/metrics': page }, port, host);
}
