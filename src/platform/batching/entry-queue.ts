/** A FIFO queue that is emptied in bulk. Array.shift is linear on long arrays, and a rush queues 100,000 entries. */
export interface EntryQueue<T> {
  size(): number;
  peek(): T | undefined;
  push(entry: T): void;
  /** Moves up to `count` entries to the end of `into`, and returns it. */
  take(count: number, into: T[]): T[];
}

const COMPACT_AT = 4_096;

export function entryQueue<T>(): EntryQueue<T> {
  let entries: T[] = [];
  let head = 0;
  return {
    size: () => entries.length - head,
    peek: () => entries[head],
    push: (entry) => {
      entries.push(entry);
    },
    take: (count, into) => {
      const end = Math.min(head + count, entries.length);
      for (; head < end; head++) into.push(entries[head] as T);
      if (head === entries.length) {
        entries = [];
        head = 0;
      } else if (head >= COMPACT_AT) {
        entries = entries.slice(head);
        head = 0;
      }
      return into;
    },
  };
}
