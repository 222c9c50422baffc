import { LRUCache } from 'lru-cache';
import { Counter, type Registry } from 'prom-client';
import { problemOf } from '../problems/problem.ts';

/** A cached body may be that much older than the maximum age while what it is read from is away. */
const STALE_MS = 60_000;
/** A read that takes longer than this counts as away. */
const SLOW_MS = 1_000;
/** Keys and bodies of all entries together, in UTF-16 units. */
const SIZE_MAX = 16_000_000;

export interface PublicBody {
  readonly text: string;
  /** Since before the read that made it was sent. */
  readonly ageMs: number;
}

/**
 * The bodies of public reads, each for all callers who get the same one. A request gets no body older than the maximum age, counted from before the body
 * was read: so a change that races a read is shown in time, and a node needs to know nothing of changes by others. One read of a key runs at a time. While
 * the source is away, bodies may be a minute older.
 */
export interface PublicReads {
  readonly maxAgeSeconds: number;
  /** Rejects as `read` does, unless there is a body to return. Refusals are not cached. */
  get(key: string, read: () => Promise<unknown>): Promise<PublicBody>;
}

interface Entry {
  readonly text: string;
  readonly readAtMs: number;
}

interface Reading {
  readonly startedAtMs: number;
  readonly entry: Promise<Entry>;
}

/** The reads of a key while one runs. */
interface Readings {
  latest: Reading | undefined;
  running: number;
  /** The start of the latest read that ended with a body or a refusal. The results of reads that began before it are older. */
  settledAtMs: number;
}

/** `monotonic`: milliseconds that never go back. */
export function publicReads(maxAgeSeconds: number, metrics: Registry, monotonic: () => number): PublicReads {
  const maxAgeMs = maxAgeSeconds * 1_000;
  const entries = new LRUCache<string, Entry>({
    maxSize: SIZE_MAX,
    sizeCalculation: ({ text }, key) => text.length + key.length,
  });
  const readings = new Map<string, Readings>();
  const served = new Counter({
    name: 'stampede_public_reads_total',
    help: 'Public reads that may come from the cache, by where their bodies came from',
    labelNames: ['from'],
    registers: [metrics],
  });

  function start(key: string, read: () => Promise<unknown>): Reading {
    const startedAtMs = monotonic();
    const ofKey = readings.get(key) ?? { latest: undefined, running: 0, settledAtMs: startedAtMs };
    const entry = read().then((body) => ({ text: JSON.stringify(body), readAtMs: startedAtMs }));
    const reading = { startedAtMs, entry };
    ofKey.latest = reading;
    ofKey.running += 1;
    readings.set(key, ofKey);
    /** Undefined: the body is refused from now on, so that the one before must not be shown again. */
    const settle = (made: Entry | undefined): void => {
      if (startedAtMs < ofKey.settledAtMs) return;
      ofKey.settledAtMs = startedAtMs;
      if (made) entries.set(key, made);
      else entries.delete(key);
    };
    const end = (): void => {
      if (ofKey.latest === reading) ofKey.latest = undefined;
      ofKey.running -= 1;
      if (ofKey.running === 0) readings.delete(key);
    };
    entry.then(settle, (error) => isRefusal(error) && settle(undefined)).finally(end);
    return reading;
  }

  function bodyOf({ text, readAtMs }: Entry, from: 'cache' | 'source' | 'stale'): PublicBody {
    served.inc({ from });
    return { text, ageMs: monotonic() - readAtMs };
  }

  return {
    maxAgeSeconds,
    async get(key, read) {
      const nowMs = monotonic();
      const isYoung = (sinceMs: number): boolean => nowMs - sinceMs < maxAgeMs;
      const cached = entries.get(key);
      if (cached && isYoung(cached.readAtMs)) return bodyOf(cached, 'cache');
      const running = readings.get(key)?.latest;
      const { startedAtMs, entry } = running && isYoung(running.startedAtMs) ? running : start(key, read);
      if (!cached || nowMs - cached.readAtMs >= maxAgeMs + STALE_MS) return bodyOf(await entry, 'source');
      try {
        const made = await before(startedAtMs + SLOW_MS - nowMs, entry);
        return made ? bodyOf(made, 'source') : bodyOf(cached, 'stale');
      } catch (error) {
        if (problemOf(error)?.code !== 'DEPENDENCY_UNAVAILABLE') throw error;
        return bodyOf(cached, 'stale');
      }
    },
  };
}

/** False for an error that says nothing of the body. */
function isRefusal(error: unknown): boolean {
  const code = problemOf(error)?.code;
  return code !== undefined && code !== 'DEPENDENCY_UNAVAILABLE' && code !== 'OVERLOADED';
}

/** Resolves with undefined after `ms` without a result. */
async function before<Value>(ms: number, value: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, ms));
  });
  return await Promise.race([value, late]).finally(() => clearTimeout(timer));
}
