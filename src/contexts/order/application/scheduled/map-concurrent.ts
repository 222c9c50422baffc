/** Works through a list with so many at once at most. Settles when all that began has; rejects with what the first to fail threw. */
export async function mapConcurrent<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.values();
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, async () => {
    // One iterator for all: each takes what the others have not.
    for (const item of queue) results.push(await work(item));
  });
  const fates = await Promise.allSettled(workers);
  for (const fate of fates) if (fate.status === 'rejected') throw fate.reason;
  return results;
}
