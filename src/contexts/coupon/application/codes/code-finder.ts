import { LRUCache } from 'lru-cache';
import { type BatcherDeps, createBatcher } from '../../../../platform/batching/batcher.ts';
import { isFresh } from '../../../../platform/kernel/cached-fact.ts';
import type { Monotonic } from '../../../../platform/kernel/moment.ts';
import { normalizeCode } from '../../domain/codes/code.ts';
import { shapeIndex } from '../../domain/codes/shape-index.ts';
import type { CodeReader, FoundCode } from './ports.ts';

/** Shared codes cached; about 1 kB each. */
const SHARED_MAX = 5_000;
/** The next look-up waits in PostgreSQL while this node processes the previous one. */
const CONCURRENCY = 2;

export interface CodeFinderDeps extends BatcherDeps {
  readonly reader: Pick<CodeReader, 'shapes' | 'find'>;
  readonly monotonic: Monotonic;
}

export interface CodeFinder {
  /**
   * Finds a code as typed by a user. Impossible codes are rejected by the shapes, shared codes come from the cache, and
   * all other look-ups that arrive together are one query. Throws Unavailable and the errors of PostgreSQL.
   */
  find(input: string): Promise<FoundCode | undefined>;
  /** Invalidates everything read before, after a change on this node. */
  invalidate(): void;
  stop(): Promise<void>;
}

interface Shapes {
  readonly readAtMs: number;
  readonly mayExist: (code: string) => boolean;
}

export function codeFinder({ reader, monotonic, ...deps }: CodeFinderDeps): CodeFinder {
  const shared = new LRUCache<string, { readonly readAtMs: number; readonly found: FoundCode }>({ max: SHARED_MAX });
  let shapes: Shapes | undefined;
  let reading: Promise<Shapes> | undefined;
  /** A result whose query was sent before an invalidation is not cached. */
  let generation = 0;
  const batcher = createBatcher({ ...deps, name: 'coupon.code', concurrency: CONCURRENCY, execute: lookUp });

  function currentShapes(): Shapes | Promise<Shapes> {
    if (shapes && isFresh(shapes, monotonic())) return shapes;
    reading ??= readShapes().finally(() => {
      reading = undefined;
    });
    return reading;
  }

  async function readShapes(): Promise<Shapes> {
    const [readAtMs, readGeneration] = [monotonic(), generation];
    const read = { readAtMs, mayExist: shapeIndex(await reader.shapes()) };
    if (readGeneration === generation) shapes = read;
    return read;
  }

  async function lookUp(codes: readonly string[]): Promise<readonly (FoundCode | undefined)[]> {
    const [readAtMs, readGeneration] = [monotonic(), generation];
    const rows = await reader.find([...new Set(codes)]);
    const found = new Map(rows.map((row) => [row.code, row]));
    if (readGeneration === generation)
      for (const row of rows) if (row.kind === 'SHARED') shared.set(row.code, { readAtMs, found: row });
    return codes.map((code) => found.get(code));
  }

  return {
    async find(input) {
      const code = normalizeCode(input);
      if (code === undefined) return undefined;
      const cached = shared.get(code);
      if (cached && isFresh(cached, monotonic())) return cached.found;
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
