/** Returns a function that gives ascending ids from `first`. */
export function countingIds(first = 1n): () => bigint {
  let next = first;
  return () => next++;
}
