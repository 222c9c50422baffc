import { once } from 'node:events';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { EXIT } from '../exit-codes.ts';
import type { ServerOptions } from '../remote/find-server.ts';
import { openApi } from '../remote/open-api.ts';
import { createMcpServer } from './create-mcp-server.ts';

export interface McpOptions extends ServerOptions {
  readonly allowWrites: boolean;
  /** The port. Absent: the standard input and output. */
  readonly http?: number;
  readonly host: string;
}

/** `stampede mcp`: serves until its input or its process ends. @throws StartError */
export async function run({ allowWrites, http, host, ...server }: McpOptions): Promise<number> {
  if (http !== undefined) {
    const { serveMcpOverHttp } = await import('./serve-http.ts');
    await serveMcpOverHttp({ port: http, host, allowWrites, server });
    return EXIT.DONE;
  }
  const api = await openApi(server);
  const onerror = (error: Error): void => void process.stderr.write(`stampede: ${error.message}\n`);
  const handle = serveStdio(() => createMcpServer(api, allowWrites), { onerror });
  // The assistant ends the server by closing its input.
  await once(process.stdin, 'close');
  await handle.close();
  return EXIT.DONE;
}
