import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** By path. One that rejects is answered with 500. */
export type Pages = Readonly<Record<string, (response: ServerResponse) => Promise<unknown>>>;

export interface PageServer {
  /** The port it listens on: another one when 0 was asked for. */
  readonly port: number;
  close(): Promise<void>;
}

/** Serves pages for operators, by GET, on a port of their own. Rejects when it cannot listen. */
export async function servePages(pages: Pages, port: number, host: string): Promise<PageServer> {
  const handle: RequestListener = (request, response) => {
    const page = Object.hasOwn(pages, request.url ?? '') ? pages[request.url ?? ''] : undefined;
    if (page === undefined) response.writeHead(404).end();
    else if (request.method !== 'GET') response.writeHead(405, { allow: 'GET' }).end();
    else page(response).catch(() => response.writeHead(500).end());
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
