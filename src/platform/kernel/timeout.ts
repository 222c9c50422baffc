/**
 * Waits for `work`, at most `ms`.
 * @throws what `work` throws; the error of `makeError` after `ms`. `work` goes on then, and its outcome is ignored
 */
export async function withTimeout<T>(work: Promise<T>, ms: number, makeError: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(makeError()), ms);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
