import {
  createMcpHandler,
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  originValidationResponse,
} from '@modelcontextprotocol/server';
import type { Credentials } from '../../../clients/typescript/src/index.ts';
import { apiWith } from '../remote/open-api.ts';
import { createMcpServer } from './create-mcp-server.ts';

export interface McpHttpHandler {
  /** Serves one request. */
  fetch(request: Request): Promise<Response>;
  /** Ends streams that are open. */
  close(): Promise<void>;
}

export interface McpHttpHandlerOptions {
  /** The server that tools call. */
  readonly url: URL;
  readonly allowWrites: boolean;
  /** The address is one of this machine alone: pages that a browser on it shows must not reach the port. */
  readonly isLoopback: boolean;
}

export const MCP_PATH = '/mcp';

/**
 * Serves the Model Context Protocol over HTTP. Every request brings the credential that it is done with, because others may reach the port: no credential of this machine is
 * used.
 */
export function mcpHttpHandler({ url, allowWrites, isLoopback }: McpHttpHandlerOptions): McpHttpHandler {
  const handler = createMcpHandler(({ requestInfo }) =>
    createMcpServer(apiWith(url, credentialsIn(requestInfo?.headers)), allowWrites),
  );
  return {
    async fetch(request) {
      const refused = (isLoopback ? refusedOrigin(request) : undefined) ?? refusedRequest(request);
      return refused ?? (await handler.fetch(request));
    },
    close: () => handler.close(),
  };
}

/** A page of another site can reach this machine through the browser, also by a name of its own for 127.0.0.1. */
const refusedOrigin = (request: Request): Response | undefined =>
  hostHeaderValidationResponse(request, localhostAllowedHostnames()) ??
  originValidationResponse(request, localhostAllowedOrigins());

function refusedRequest(request: Request): Response | undefined {
  if (new URL(request.url).pathname !== MCP_PATH) return new Response(`The path is ${MCP_PATH}.\n`, { status: 404 });
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
