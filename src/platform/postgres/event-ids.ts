/** Event ids of one source, as indexes in its row of the inbox. */
export interface IdsOfSource {
  readonly source: string;
  /** Rising, without repetition. */
  readonly indexes: readonly number[];
}

/** `<source>-<outbox row>`, or without the source, as it was once: the two forms that a relay has written. */
const ROW = /^(?:[0-9a-f]{16}-)?\d{1,19}$/;
const INDEX_MAX = 999_999_999;
/** The index of a whole id of another producer; indexes of this system are not negative. */
const WHOLE = -1;

/** Groups ids by their outbox row; an id of another producer forms its own group. Sorted, so that locks are taken in one order. */
export function bySource(eventIds: Iterable<string>): readonly IdsOfSource[] {
  const sources = new Map<string, number[]>();
  for (const id of eventIds) {
    const { source, index } = placeOf(id);
    const indexes = sources.get(source);
    if (indexes) indexes.push(index);
    else sources.set(source, [index]);
  }
  return [...sources]
    .map(([source, indexes]) => ({ source, indexes: rising(indexes) }))
    .sort((a, b) => (a.source < b.source ? -1 : 1));
}

/** Almost always they rise already. */
function rising(indexes: readonly number[]): readonly number[] {
  const isRising = indexes.every((index, at) => at === 0 || index > (indexes[at - 1] as number));
  return isRising ? indexes : [...new Set(indexes)].sort((a, b) => a - b);
}

/** Returns the row and the index of an id in the inbox. Depends only on the id: `platform.dead_letters.source` is the same rule in SQL. */
export function placeOf(eventId: string): { readonly source: string; readonly index: number } {
  const colon = eventId.lastIndexOf(':');
  const source = eventId.slice(0, Math.max(colon, 0));
  const index = indexOf(eventId.slice(colon + 1));
  if (index === undefined || !isRow(source)) return { source: eventId, index: WHOLE };
  return { source, index };
}

function isRow(source: string): boolean {
  // Events come row by row: 255 of 256 need no match.
  if (source === lastRow) return true;
  if (!ROW.test(source)) return false;
  lastRow = source;
  return true;
}

/** Undefined at first: the source of an id without a colon is '', which is no row. */
let lastRow: string | undefined;

/** In the one form that a relay writes. */
function indexOf(text: string): number | undefined {
  const index = Number(text);
  return index >= 0 && index <= INDEX_MAX && String(index) === text ? index : undefined;
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
