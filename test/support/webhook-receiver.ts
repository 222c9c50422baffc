import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedWebhook {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: { readonly type: string; readonly eventId: string; readonly data: Readonly<Record<string, unknown>> };
}

/** A status; or no response, a closed connection, or a body that never ends. */
export type Reaction =
  | number
  | 'SILENCE'
  | 'CLOSE'
  | 'SLOW_BODY'
  | { readonly status: number; readonly retryAfter: string };

export interface WebhookReceiver {
  readonly url: string;
  readonly port: number;
  readonly received: ReceivedWebhook[];
  /** Decides on each request, with the number of those before it. Default: 200. */
  react: (webhook: ReceivedWebhook, before: number) => Reaction | Promise<Reaction>;
  close(): Promise<void>;
}

/** A receiver of webhooks on this machine. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const received: ReceivedWebhook[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const webhook = { path: request.url ?? '', headers: request.headers, text, body: JSON.parse(text) };
        received.push(webhook);
        void Promise.resolve(receiver.react(webhook, received.length - 1)).then((reaction) => {
          if (reaction === 'SILENCE') return;
          if (reaction === 'CLOSE') return void request.socket.destroy();
          if (reaction === 'SLOW_BODY') return void response.writeHead(200).write('.');
          if (typeof reaction === 'object')
            return void response.writeHead(reaction.status, { 'retry-after': reaction.retryAfter }).end();
          const location = reaction >= 300 && reaction < 400 ? { location: `${receiver.url}/elsewhere` } : {};
          response.writeHead(reaction, location).end();
        });
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${port}`,
    port,
    received,
    react: () => 200,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}
