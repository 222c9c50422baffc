import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface LocalServer {
  readonly url: string;
  /** Every request so far, in the order of arrival. */
  readonly received: readonly Received[];
  stop(): Promise<void>;
}

/** A real HTTP server on a free port of 127.0.0.1. @param respond gets each request, with its number from 1 on */
export async function localServer(
  respond: (response: ServerResponse, request: Received, number: number) => void,
): Promise<LocalServer> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const { method = '', url: path = '', headers } = request;
    const arrived = { method, path, headers, body };
    received.push(arrived);
    respond(response, arrived, received.length);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function sendJson(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}) {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
    .end(JSON.stringify(body));
}

export function sendProblem(
  response: ServerResponse,
  status: number,
  code: string,
  headers: Record<string, string> = {},
): void {
  const problem = { type: 'about:blank', title: code, status, detail: code, instance: '/', code, requestId: 'r-1' };
  sendJson(response, status, problem, { 'content-type': 'application/problem+json; charset=utf-8', ...headers });
}
