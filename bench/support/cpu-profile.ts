import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
      readonly columnNumber: number;
    };
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** Milliseconds of a part, or of a function. */
export interface Share {
  readonly name: string;
  readonly ms: number;
}

/** The first that matches the function's file, or its name in brackets for what has no file. */
const PARTS: readonly (readonly [string, RegExp])[] = [
  ['idle', /^\(idle\)/],
  ['garbage collector', /^\(garbage collector\)/],
  ['system calls and native code', /^\((program|root)\)/],
  ['gRPC and HTTP/2', /@grpc\/|grpc-health-check|internal\/http2|platform\/grpc|app\/remote/],
  ['circuit breaker', /opossum/],
  ['protobuf', /@bufbuild|protobuf|gen\/wire/],
  ['PostgreSQL client', /node_modules\/(pg|pg-[^/]*|postgres-[^/]*|drizzle-orm)\/|platform\/postgres/],
  ['Kafka and events', /@platformatic|platform\/events|snappy|lz4|kafka/],
  ['batcher', /platform\/batching/],
  ['metrics', /prom-client|telemetry/],
  ['log', /node_modules\/(pino|sonic-boom|thread-stream)/],
  [
    'HTTP',
    /fastify|find-my-way|node:_http|internal\/http|platform\/http|src\/gateway|node:net|internal\/stream_base|light-my/,
  ],
  ['contexts', /src\/contexts/],
  ['streams, timers, promises', /^node:/],
];

/** CPU time of a `--cpu-prof` file by part and by function, the most first. Functions of the bundle are named by their source. */
export function summarizeProfile(
  file: string,
  functionsMax = 25,
): { parts: readonly Share[]; functions: readonly Share[] } {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as Profile;
  const usOfNode = new Map<number, number>();
  for (const [index, id] of samples.entries()) usOfNode.set(id, (usOfNode.get(id) ?? 0) + (timeDeltas[index] ?? 0));
  const parts = new Map<string, number>();
  const functions = new Map<string, number>();
  for (const { id, callFrame } of nodes) {
    const us = usOfNode.get(id) ?? 0;
    if (us === 0) continue;
    const source = sourceOf(callFrame.url, callFrame.lineNumber, callFrame.columnNumber);
    const place = source === '' ? callFrame.functionName : source;
    const part = PARTS.find(([, pattern]) => pattern.test(place))?.[0] ?? 'other';
    add(parts, part, us);
    if (part !== 'idle') add(functions, `${callFrame.functionName || '(anonymous)'} ${source}`.trim(), us);
  }
  return { parts: shares(parts), functions: shares(functions).slice(0, functionsMax) };
}

const maps = new Map<string, SourceMap | undefined>();

/** The path of the source, with its line. */
function sourceOf(url: string, line: number, column: number): string {
  if (!url.startsWith('file:')) return url;
  const path = fileURLToPath(url);
  if (!maps.has(path)) {
    const map = `${path}.map`;
    maps.set(path, existsSync(map) ? new SourceMap(JSON.parse(readFileSync(map, 'utf8'))) : undefined);
  }
  const entry = maps.get(path)?.findEntry(line, column);
  if (entry !== undefined && 'originalSource' in entry && entry.originalSource) {
    return `${entry.originalSource}:${entry.originalLine + 1}`;
  }
  return `${path}:${line + 1}`;
}

function add(to: Map<string, number>, name: string, us: number): void {
  to.set(name, (to.get(name) ?? 0) + us);
}

const shares = (us: ReadonlyMap<string, number>): readonly Share[] =>
  [...us].map(([name, time]) => ({ name, ms: time / 1_000 })).toSorted((a, b) => b.ms - a.ms);
