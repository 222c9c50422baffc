/** Clients that watch one thing, by plain sockets. Prints OPEN, and for each line on its standard input what they got since the last one. */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const [url = '', kind = '', count = ''] = process.argv.slice(2);
const { port } = new URL(url);
const TOGETHER = 100;
const AT = /"at":"(\d+)"/g;
const VERSION = /etag: (\d+)/;
const UPGRADE =
  'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
const buffer = Buffer.alloc(64 * 1024);
let late: number[] = [];

const requestOf = (after: string): string =>
  `GET /?after=${after} HTTP/1.1\r\nhost: x\r\n${kind === 'websocket' ? UPGRADE : ''}\r\n`;

function open(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port: Number(port),
      onread: {
        buffer,
        callback(length) {
          const text = buffer.toString('latin1', 0, length);
          const now = Date.now();
          for (const [, at] of text.matchAll(AT)) late.push(now - Number(at));
          if (kind === 'long-polling') socket.write(requestOf(VERSION.exec(text)?.[1] ?? '0'));
          resolve();
          return true;
        },
      },
    });
    socket.on('error', reject);
    socket.write(requestOf('0'));
  });
}

for (let at = 0; at < Number(count); at += TOGETHER) {
  await Promise.all(Array.from({ length: Math.min(TOGETHER, Number(count) - at) }, open));
  await delay(1);
}
console.log('OPEN');
for await (const _ of process.stdin) {
  const sorted = late.sort((a, b) => a - b);
  late = [];
  const share = (of: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * of))] ?? 0;
  console.log(JSON.stringify({ events: sorted.length, p50: share(0.5), p99: share(0.99), max: share(1) }));
}
