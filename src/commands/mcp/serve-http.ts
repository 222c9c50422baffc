import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  type McpRequestContext,
  originValidationResponse,
} from '@modelcontextprotocol/server';
import type { Credentials } from '../../../clients/typescript/src/index.ts';
import { findServerUrl, type ServerOptions } from '../remote/find-server.ts';
import { apiWith } from '../remote/open-api.ts';
import { sessionFile } from '../remote/saved-sessions.ts';
import { createMcpServer } from './create-mcp-server.ts';

export interface McpHttpOptions {
  readonly port: number;
  readonly host: string;
  readonly allowWrites: boolean;
  readonly server: ServerOptions;
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * Serves the Model Context Protocol over HTTP at /mcp until the process is asked to end. Every request brings the credential that it is done with, because others may reach the
 * port: no credential of this machine is used.
 */
export async function serveMcpOverHttp({ port, host, allowWrites, server }: McpHttpOptions): Promise<void> {
  const url = await findServerUrl(server, process.env, sessionFile(process.env));
  const handler = createMcpHandler(({ requestInfo }: McpRequestContext) =>
    createMcpServer(apiWith(url, credentialsIn(requestInfo?.headers)), allowWrites),
  );
  const isLocal = LOOPBACK.has(host);
  const respond = async (request: Request): Promise<Response> => {
    const refused = (isLocal ? refusedOrigin(request) : undefined) ?? refusedRequest(request);
    return refused ?? (await handler.fetch(request));
  };
  const http = createServer(toNodeHandler({ fetch: respond }));
  http.listen(port, host);
  await once(http, 'listening');
  const { address, family, port: bound } = http.address() as AddressInfo;
  process.stdout.write(
    `Tools for ${url.origin} at http://${family === 'IPv6' ? `[${address}]` : address}:${bound}/mcp\n`,
  );
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await handler.close();
  http.close();
  http.closeAllConnections();
}

/** A page of another site can reach this machine through the browser, also by a name of its own for 127.0.0.1. */
const refusedOrigin = (request: Request): Response | undefined =>
  hostHeaderValidationResponse(request, localhostAllowedHostnames()) ??
  originValidationResponse(request, localhostAllowedOrigins());

function refusedRequest(request: Request): Response | undefined {
  if (new URL(request.url).pathname !== '/mcp') return new Response('The path is /mcp.\n', { status: 404 });
  if (credentialsIn(request.headers) !== undefined) return undefined;
  const headers = { 'www-authenticate': 'Bearer' };
  return new Response('Send X-API-Key, or Authorization: Bearer with an access token.\n', { status: 401, headers });
}

function credentialsIn(headers: Headers | undefined): Credentials | undefined {
  const apiKey = headers?.get('x-api-key');
  if (apiKey) return { apiKey };
  const [, token] = /^Bearer (\S+)$/i.exec(headers?.get('authorization') ?? '') ?? [];
  return token === undefined ? undefined : { token };
}
