import { createAdmission, TICK_MS } from '../../platform/http/admission.ts';
import { createPacer } from '../../platform/http/pacer.ts';

/**
 * Refusals a second while the node is busy, and while it has room. One costs about 22 us of CPU, so these take 5 % and 22 % of a core.
 * While a refusal waits, no other request of its connection is handled: an overloaded node does not spend all its time on refusals.
 */
const REFUSALS_PER_SECOND = { busy: 2_000, idle: 10_000 };
const REFUSAL_WAIT_MAX_MS = 3_000;

/** How many requests are admitted, and how fast those are refused that are not. */
export function openAdmission() {
  const admission = createAdmission(() => performance.now());
  const isBusy = (): boolean => admission.inFlight() > admission.limit() / 2;
  const refusalPacer = createPacer(
    { perSecond: () => REFUSALS_PER_SECOND[isBusy() ? 'busy' : 'idle'], waitMaxMs: REFUSAL_WAIT_MAX_MS },
    () => performance.now(),
  );
  const ticks = setInterval(() => {
    admission.tick();
    refusalPacer.tick();
  }, TICK_MS).unref();
  return { admission, refusalPacer, stop: () => clearInterval(ticks) };
}
