import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands between a client and a server, and loses responses. */
export interface LosingProxy {
  readonly url: string;
  /** Kills the connections of the next `count` requests when the server has responded: their effects are there, and nobody knows. */
  loseResponses(count: number): void;
  /** Cuts every connection. */
  cut(): void;
  stop(): Promise<void>;
}

export async function losingProxy(target: string): Promise<LosingProxy> {
  let losses = 0;
  const server = createServer((received, response) => {
    const { method, headers, url = '' } = received;
    const passedOn = request(new URL(url, target), { method, headers, agent: false }, (answer) => {
      // A browser asks for permission first, which has no effect.
      if (losses > 0 && method !== 'OPTIONS') {
        losses--;
        answer.resume().once('end', () => response.destroy());
        return;
      }
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
    });
    passedOn.on('error', () => response.destroy());
    response.once('close', () => passedOn.destroy());
    received.pipe(passedOn);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    loseResponses(count) {
      losses = count;
    },
    cut: () => server.closeAllConnections(),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
