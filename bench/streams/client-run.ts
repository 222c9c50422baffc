/**
 * Clients of streams: opens them, and reports what they get. Each stream is a plain socket without a parser, so that the clients take as little CPU from
 * the server as possible. Every 250 ms a line of JSON with the count of events and the time since the event before on the same stream.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface ClientSpec {
  readonly url: string;
  readonly path: string;
  readonly streams: number;
  /** A file of tokens, one a line, for as many users. Absent: nobody signs in. */
  readonly tokens?: string;
  /** Only these streams read: the others never do. Default: all. */
  readonly readers?: number;
}
/** What a client prints, after a first line that says `OPEN`, for each time it gets a line on its standard input. */
export interface ClientFigures {
  readonly events: number;
  /** Between two events of one stream. */
  readonly gapMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Events with `at` in their data, and from that time to their arrival. */
  readonly timed: number;
  readonly lateMs: { readonly p50: number; readonly p99: number; readonly max: number };
  readonly closed: number;
}

/** Streams that are opened together: more than the listener's backlog would be reset. */
const TOGETHER = 100;
const AT = /"at":"(\d+)"/g;

const spec = JSON.parse(process.argv[2] ?? '') as ClientSpec;
const { hostname, port } = new URL(spec.url);
const tokens = spec.tokens === undefined ? [] : readFileSync(spec.tokens, 'utf8').split('\n');
let events = 0;
let closed = 0;
let gaps: number[] = [];
let late: number[] = [];
const buffer = Buffer.alloc(64 * 1024);

function open(index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let lastAt = 0;
    let isOpen = false;
    const onData = (length: number): void => {
      const now = performance.now();
      if (!isOpen) {
        isOpen = true;
        const status = buffer.toString('latin1', 9, 12);
        if (status !== '200') reject(new Error(`a stream was refused: ${buffer.toString('latin1', 0, length)}`));
        resolve();
        return;
      }
      events += 1;
      if (lastAt > 0) gaps.push(now - lastAt);
      lastAt = now;
      if (spec.tokens === undefined) return;
      for (const [, at] of buffer.toString('latin1', 0, length).matchAll(AT)) late.push(Date.now() - Number(at));
    };
    const socket = connect({
      host: hostname,
      port: Number(port),
      onread: {
        buffer,
        callback(length) {
          onData(length);
          // A client that stops reading.
          return index < (spec.readers ?? spec.streams);
        },
      },
    });
    const authorization = tokens[index] === undefined ? '' : `authorization: Bearer ${tokens[index]}\r\n`;
    socket.write(`GET ${spec.path} HTTP/1.1\r\nhost: ${hostname}\r\n${authorization}\r\n`);
    socket.on('close', () => {
      closed += 1;
    });
    socket.on('error', reject);
  });
}

for (let at = 0; at < spec.streams; at += TOGETHER) {
  await Promise.all(Array.from({ length: Math.min(TOGETHER, spec.streams - at) }, (_, index) => open(at + index)));
  await delay(1);
}
console.log('OPEN');

const figuresOf = (values: readonly number[]) => {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
};
for await (const _ of process.stdin) {
  const figures: ClientFigures = {
    events,
    gapMs: figuresOf(gaps),
    timed: late.length,
    lateMs: figuresOf(late),
    closed,
  };
  console.log(JSON.stringify(figures));
  events = 0;
  gaps = [];
  late = [];
}
