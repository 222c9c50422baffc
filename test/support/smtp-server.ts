import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

/** What the server does at one place of a mail. Text: that reply. CLOSE: it closes the connection. SILENCE: it says nothing. */
export type Reaction = string | 'CLOSE' | 'SILENCE';

/** A mail server that fails as a test wants. */
export interface FaultySmtp {
  readonly port: number;
  /** Bodies whose final dot it has read, also those that it did not accept, the oldest first. */
  readonly received: readonly string[];
  /** To the recipient, after DATA, in the middle of the body, and after the final dot. Left out: as a good server does. */
  react(to: { readonly rcpt?: (address: string) => Reaction; readonly body?: Reaction; readonly dot?: Reaction }): void;
  close(): Promise<void>;
}

const GOOD = '250 2.0.0 ok';

/** A real mail server refuses and fails as it likes; this one at the byte that a test names. It speaks what nodemailer needs of SMTP. */
export async function startFaultySmtp(): Promise<FaultySmtp> {
  const received: string[] = [];
  const sockets = new Set<Socket>();
  let reactions: Parameters<FaultySmtp['react']>[0] = {};

  function answer(socket: Socket, reaction: Reaction): void {
    if (reaction === 'CLOSE') socket.destroy();
    else if (reaction !== 'SILENCE') socket.write(`${reaction}\r\n`);
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    socket.write('220 test ESMTP\r\n');
    let pending = '';
    let body: string | undefined;
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      pending += chunk;
      for (let end = pending.indexOf('\r\n'); end >= 0 && !socket.destroyed; end = pending.indexOf('\r\n')) {
        const line = pending.slice(0, end);
        pending = pending.slice(end + 2);
        if (body === undefined) command(line);
        else bodyLine(line);
      }
    });

    function command(line: string): void {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'QUIT') socket.end('221 bye\r\n');
      else if (verb === 'RCPT') answer(socket, reactions.rcpt?.(/<([^>]*)>/.exec(line)?.[1] ?? '') ?? GOOD);
      else if (verb === 'DATA') {
        body = '';
        answer(socket, '354 go on');
      } else answer(socket, GOOD);
    }

    function bodyLine(line: string): void {
      if (line !== '.') {
        body += `${line}\n`;
        if (reactions.body !== undefined) answer(socket, reactions.body);
        return;
      }
      received.push(body ?? '');
      body = undefined;
      answer(socket, reactions.dot ?? GOOD);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    received,
    react(to) {
      reactions = to;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
