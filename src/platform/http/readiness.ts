import { withTimeout } from '../kernel/timeout.ts';

const DEPENDENCY_MS = 2_000;

/** Runs checks of dependencies at the same time: each resolves when its dependency responds, and rejects or times out when it does not. */
export async function statesOf(
  checks: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<Record<string, 'up' | 'down'>> {
  const states = Object.entries(checks).map(async ([name, check]) => [name, await isUp(check)] as const);
  return Object.fromEntries(await Promise.all(states));
}

const isUp = (check: () => Promise<unknown>): Promise<'up' | 'down'> =>
  withTimeout(check(), DEPENDENCY_MS, () => new Error('the dependency did not respond in time')).then(
    () => 'up',
    () => 'down',
  );
