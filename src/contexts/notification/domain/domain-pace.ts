/** What is known of the mail server of a domain. */
export interface DomainState {
  /** When the next mail may go there. */
  readonly nextSlotMs: number;
  /** The server asked for fewer mails: none before this time. */
  readonly pausedUntilMs: number;
  readonly pauses: number;
}

/** Mails of so much time may leave at once after a quiet while. */
const BURST_MS = 5_000;
const PAUSE_MS = 30_000;
const PAUSES_MAX = 7;
/** After so much time without one, the next pause is a first one again. */
const FORGET_MS = 600_000;

/** Reserves places in the line of a domain. `rate`: mails a minute. Returns when each of them may leave, and the state afterwards. */
export function reserveSlots(
  state: DomainState | undefined,
  count: number,
  rate: number,
  nowMs: number,
): { readonly slotsMs: readonly number[]; readonly nextSlotMs: number } {
  const stepMs = 60_000 / rate;
  const firstMs = Math.max(state?.nextSlotMs ?? 0, state?.pausedUntilMs ?? 0, nowMs - BURST_MS);
  return {
    slotsMs: Array.from({ length: count }, (_, place) => firstMs + place * stepMs),
    nextSlotMs: firstMs + count * stepMs,
  };
}

/** The state after the server of a domain has asked for fewer mails: each pause in a row is twice as long, from 30 s to an hour. */
export function paused(state: DomainState | undefined, nowMs: number): DomainState {
  const isFirst = state === undefined || state.pausedUntilMs < nowMs - FORGET_MS;
  const pauses = isFirst ? 1 : Math.min(state.pauses + 1, PAUSES_MAX);
  // Mails that were handed over together report the same refusal: they are one pause.
  if (!isFirst && state.pausedUntilMs > nowMs) return state;
  const pausedUntilMs = nowMs + PAUSE_MS * 2 ** (pauses - 1);
  return { pauses, pausedUntilMs, nextSlotMs: Math.max(state?.nextSlotMs ?? 0, pausedUntilMs) };
}
