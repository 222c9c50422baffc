/** That many time-outs within `WINDOW_MS` open the circuit. */
const TIMEOUTS_MAX = 5;
const WINDOW_MS = 1_000;
/** How long no command is sent then. */
const REST_MS = 1_000;

/**
 * Keeps commands from a server that does not respond. It counts time-outs, whatever succeeds between them: of a cluster one master of three may be
 * frozen. After a rest the first time-out opens it again, until a command has succeeded.
 */
export interface Circuit {
  isOpen(): boolean;
  succeeded(): void;
  timedOut(): void;
}

/** `monotonic`: milliseconds that never go back. */
export function circuit(monotonic: () => number): Circuit {
  let timeouts = 0;
  let windowEndsMs = 0;
  let restsUntilMs = Number.NEGATIVE_INFINITY;
  let isProbing = false;
  return {
    isOpen: () => monotonic() < restsUntilMs,
    succeeded() {
      isProbing = false;
    },
    timedOut() {
      const nowMs = monotonic();
      if (nowMs < restsUntilMs) return;
      if (nowMs >= windowEndsMs) {
        timeouts = 0;
        windowEndsMs = nowMs + WINDOW_MS;
      }
      timeouts += 1;
      if (!isProbing && timeouts < TIMEOUTS_MAX) return;
      restsUntilMs = nowMs + REST_MS;
      isProbing = true;
      timeouts = 0;
    },
  };
}
