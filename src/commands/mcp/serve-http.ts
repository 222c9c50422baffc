import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { findServerUrl, type ServerOptions } from '../remote/find-server.ts';
import { sessionFile } from '../remote/saved-sessions.ts';
import { MCP_PATH, mcpHttpHandler } from './http-handler.ts';

export interface McpHttpOptions {
  /** 0 is a free one. */
  readonly port: number;
  readonly host: string;
  readonly allowWrites: boolean;
  readonly server: ServerOptions;
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/** Serves the Model Context Protocol over HTTP until the process is asked to end. @throws StartError */
export async function serveMcpOverHttp({ port, host, allowWrites, server }: McpHttpOptions): Promise<void> {
  const url = await findServerUrl(server, process.env, sessionFile(process.env));
  const handler = mcpHttpHandler({ url, allowWrites, isLoopback: LOOPBACK.has(host) });
  // Its types leave out that a method and an address may be missing, which they never are in a request.
  const http = createServer(toNodeHandler(handler) as RequestListener);
  http.listen(port, host);
  await once(http, 'listening');
  const { address, family, port: bound } = http.address() as AddressInfo;
  const authority = `${family === 'IPv6' ? `[${address}]` : address}:${bound}`;
  process.stdout.write(`Tools for ${url.origin} at http://${authority}${MCP_PATH}\n`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await handler.close();
  http.close();
  http.closeAllConnections();
}
