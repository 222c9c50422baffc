import type { Idempotency, Replay } from '../../../../../platform/kernel/command-key.ts';
import type { SuppressionReason } from '../../../domain/suppression.ts';

/** Places in the line of a domain that mails want. */
export interface WantedSlots {
  readonly domain: string;
  readonly count: number;
}

export interface Suppression {
  readonly digest: string;
  readonly reason: SuppressionReason;
  readonly createdAt: Date;
}

/** Where a row is in the list. Several may have one time. */
export type SuppressionPlace = Pick<Suppression, 'createdAt' | 'digest'>;

/** What is known of addresses and their domains, over all processes. */
export interface MailStore {
  /** Which of these addresses, by digest, get no mail. */
  suppressed(digests: readonly string[]): Promise<ReadonlySet<string>>;
  suppress(suppression: Suppression, idempotency?: Idempotency<undefined>): Promise<undefined | Replay>;
  /** Returns false when the address was not suppressed. */
  lift(digest: string, idempotency?: Idempotency<boolean>): Promise<boolean | Replay>;
  /** Newest first, after `before` in this order. */
  suppressions(page: {
    readonly before: SuppressionPlace | undefined;
    readonly limit: number;
  }): Promise<readonly Suppression[]>;
  /** Until when these domains get no mail; those that are not paused are absent. */
  pausedUntilMs(domains: readonly string[], nowMs: number): Promise<ReadonlyMap<string, number>>;
  /** Takes places in the lines of domains. `rate`: mails a minute to each. Returns when the mails may leave, by domain. */
  takeSlots(
    wanted: readonly WantedSlots[],
    rate: number,
    nowMs: number,
  ): Promise<ReadonlyMap<string, readonly number[]>>;
  /** The server of a domain asked for fewer mails. */
  pause(domain: string, nowMs: number): Promise<void>;
}
