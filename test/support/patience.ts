/** Time limits of tests, in milliseconds. Real servers start and recover in many of them: a busy machine is no fault. */
export const PATIENCE = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  expect: { poll: { timeout: 30_000 } },
} as const;
