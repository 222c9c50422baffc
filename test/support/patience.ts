/**
 * Time limits of tests, in milliseconds. No test has one of its own, but for what it waits for: they end what hangs, and a
 * machine that is many times slower, or busy, is no fault.
 */
export const PATIENCE = {
  testTimeout: 600_000,
  hookTimeout: 600_000,
  expect: { poll: { timeout: 60_000 } },
} as const;
