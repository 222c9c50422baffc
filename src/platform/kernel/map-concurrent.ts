/**
 * Calls `work` for each item, at most `concurrency` at a time. Returns the results in the order of the items. Settles when every started call has settled; rejects with the error of
 * the first one that failed.
 */
export async function mapConcurrent<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  const workers = Array.from({ length: Math.min(concurrency, items.length) }, async () => {
    // One iterator for all workers, so that each takes the next free item.
    for (const [index, item] of queue) results[index] = await work(item);
  });
  const settled = await Promise.allSettled(workers);
  for (const each of settled) if (each.status === 'rejected') throw each.reason;
  return results;
}
