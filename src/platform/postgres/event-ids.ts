/** Event ids of one source: where they stand in its row of the inbox. */
export interface IdsOfSource {
  readonly source: string;
  /** Rising, without repetition. */
  readonly indexes: readonly number[];
}

/** `<source>-<outbox row>:<index>`, or without the source, as it was once: the two forms that a relay has written. */
const OURS = /^((?:[0-9a-f]{16}-)?\d{1,19}):(0|[1-9]\d{0,8})$/;
/** Where a whole id of another producer stands: no index of ours is negative. */
const WHOLE = -1;

/** Groups ids by their outbox row; an id of another producer is a group of its own. Sorted, for locks in one order. */
export function bySource(eventIds: Iterable<string>): readonly IdsOfSource[] {
  const sources = new Map<string, Set<number>>();
  for (const id of eventIds) {
    const { source, index } = placeOf(id);
    const indexes = sources.get(source);
    if (indexes) indexes.add(index);
    else sources.set(source, new Set([index]));
  }
  return [...sources]
    .map(([source, indexes]) => ({ source, indexes: [...indexes].sort((a, b) => a - b) }))
    .sort((a, b) => (a.source < b.source ? -1 : 1));
}

export function placeOf(eventId: string): { readonly source: string; readonly index: number } {
  const [, row, index] = OURS.exec(eventId) ?? [];
  return row === undefined ? { source: eventId, index: WHOLE } : { source: row, index: Number(index) };
}

/** [0, 1, 2, 5] -> {[0,3),[5,6)}: PostgreSQL's text of a multirange. `indexes` rise. */
export function toMultirange(indexes: readonly number[]): string {
  const ranges: string[] = [];
  for (let from = 0; from < indexes.length; ) {
    let to = from + 1;
    while (to < indexes.length && indexes[to] === Number(indexes[to - 1]) + 1) to += 1;
    ranges.push(`[${indexes[from]},${Number(indexes[to - 1]) + 1})`);
    from = to;
  }
  return `{${ranges.join(',')}}`;
}

/** The indexes in a multirange, as PostgreSQL writes it: lower bounds belong to a range, upper ones do not. */
export function fromMultirange(text: string): readonly number[] {
  const indexes: number[] = [];
  for (const [, from, to] of text.matchAll(/\[(-?\d+),(-?\d+)\)/g)) {
    for (let index = Number(from); index < Number(to); index++) indexes.push(index);
  }
  return indexes;
}
