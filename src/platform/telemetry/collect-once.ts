/** One collection for all callers before it begins: that of all metrics costs 2 ms of CPU, and reading them has no rate limit. */
export function collectOnce<Value>(collect: () => Promise<Value>): () => Promise<Value> {
  let upcoming: Promise<Value> | undefined;
  return () => {
    upcoming ??= new Promise((resolve) => {
      setImmediate(() => {
        upcoming = undefined;
        resolve(collect());
      });
    });
    return upcoming;
  };
}
