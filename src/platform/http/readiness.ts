import { withTimeout } from '../kernel/timeout.ts';

const DEPENDENCY_MS = 2_000;

/** Each resolves when its dependency responds, and rejects or times out when it does not. */
type Checks = Readonly<Record<string, () => Promise<unknown>>>;

/** What the readiness of a process is read from. */
export interface ReadinessSources {
  /** True from the moment the process must get no more requests. */
  readonly isDraining: () => boolean;
  readonly readinessChecks: Checks;
  /** Checks that are shown but do not affect readiness. When both contain a name, this one is shown. */
  readonly informationalChecks: Checks;
}

/** What /readyz returns: 200 or 503, and its body. */
export async function readinessOf({ isDraining, readinessChecks, informationalChecks }: ReadinessSources) {
  const [needed, shown] = await Promise.all([statesOf(readinessChecks), statesOf(informationalChecks)]);
  const isReady = !isDraining() && Object.values(needed).every((state) => state === 'up');
  const body = { status: isReady ? 'ready' : 'not ready', dependencies: { ...needed, ...shown } };
  return { code: isReady ? 200 : 503, body };
}

/** Runs the checks at the same time. */
async function statesOf(checks: Checks): Promise<Record<string, 'up' | 'down'>> {
  const states = Object.entries(checks).map(async ([name, check]) => [name, await isUp(check)] as const);
  return Object.fromEntries(await Promise.all(states));
}

const isUp = (check: () => Promise<unknown>): Promise<'up' | 'down'> =>
  withTimeout(check(), DEPENDENCY_MS, () => new Error('the dependency did not respond in time')).then(
    () => 'up',
    () => 'down',
  );
