import { createBatcher } from '../../../../platform/batching/batcher.ts';
import type { BatcherObserver, Failure } from '../../../../platform/batching/batcher-observer.ts';
import type { Clock } from '../../../../platform/kernel/clock.ts';
import { normalizeCode } from '../../domain/codes/code.ts';
import { shapeIndex } from '../../domain/codes/shape-index.ts';
import type { CodeReader, FoundCode } from './ports.ts';

/** What was read is trusted for this long, counted from before the statement was sent. */
const TRUST_MS = 1_000;
/** Shared codes remembered; about 1 kB each. */
const SHARED_MAX = 5_000;
/** As with coupons: the next look-up waits in PostgreSQL while this node answers the one before. */
const CONCURRENCY = 2;

export interface CodeFinderDeps {
  readonly reader: Pick<CodeReader, 'shapes' | 'find'>;
  readonly clock: Clock;
  readonly classify: (error: unknown) => Failure;
  readonly observer: BatcherObserver;
}

export interface CodeFinder {
  /**
   * The code as it is typed. What cannot exist is told from the shapes, what everybody types from memory, the rest by one
   * look-up for all that arrive together. Throws Unavailable, and what PostgreSQL throws.
   */
  find(input: string): Promise<FoundCode | undefined>;
  /** After a change on this node: nothing that was read before it is trusted. */
  invalidate(): void;
  stop(): Promise<void>;
}

interface Shapes {
  readonly readAtMs: number;
  readonly mayExist: (code: string) => boolean;
}

export function codeFinder({ reader, clock, classify, observer }: CodeFinderDeps): CodeFinder {
  const shared = new Map<string, { readonly readAtMs: number; readonly found: FoundCode }>();
  let shapes: Shapes | undefined;
  let reading: Promise<Shapes> | undefined;
  /** What was sent for before a change is not kept after it. */
  let generation = 0;
  const isTrusted = (readAtMs: number) => readAtMs <= clock() && clock() - readAtMs < TRUST_MS;
  const batcher = createBatcher({ name: 'coupon.code', concurrency: CONCURRENCY, classify, observer, execute: lookUp });

  function currentShapes(): Shapes | Promise<Shapes> {
    if (shapes && isTrusted(shapes.readAtMs)) return shapes;
    reading ??= readShapes().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  async function readShapes(): Promise<Shapes> {
    const [readAtMs, readGeneration] = [clock(), generation];
    const read = { readAtMs, mayExist: shapeIndex(await reader.shapes()) };
    if (readGeneration === generation) shapes = read;
    return read;
  }

  async function lookUp(codes: readonly string[]): Promise<readonly (FoundCode | undefined)[]> {
    const [readAtMs, readGeneration] = [clock(), generation];
    const rows = await reader.find([...new Set(codes)]);
    const found = new Map(rows.map((row) => [row.code, row]));
    if (readGeneration === generation) for (const row of rows) if (row.kind === 'SHARED') remember(row, readAtMs);
    return codes.map((code) => found.get(code));
  }

  function remember(found: FoundCode, readAtMs: number): void {
    shared.delete(found.code);
    shared.set(found.code, { readAtMs, found });
    const [oldest] = shared.keys();
    if (shared.size > SHARED_MAX && oldest !== undefined) shared.delete(oldest);
  }

  return {
    async find(input) {
      const code = normalizeCode(input);
      if (code === undefined) return undefined;
      const cached = shared.get(code);
      if (cached && isTrusted(cached.readAtMs)) return cached.found;
      const current = currentShapes();
      const { mayExist } = current instanceof Promise ? await current : current;
      return mayExist(code) ? batcher.submit(code) : undefined;
    },
    invalidate() {
      generation += 1;
      shapes = undefined;
      reading = undefined;
      shared.clear();
    },
    stop: () => batcher.drain(),
  };
}
