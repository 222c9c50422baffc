import type { Idempotency, Replay } from '../../../../../platform/kernel/command-key.ts';

/** A browser that takes notices of a user. */
export interface PushSubscription {
  readonly userId: bigint;
  /** A result of `readEndpoint`. */
  readonly endpoint: string;
  /** The public key of the browser, base64url. */
  readonly p256dh: string;
  /** The secret of the browser, base64url. */
  readonly auth: string;
}

export interface PushStore {
  subscriptionsOf(userIds: readonly bigint[]): Promise<readonly PushSubscription[]>;
  /** The browser is gone, or its user does not want notices any more. */
  remove(endpoint: string): Promise<void>;
}

/** 'taken': the endpoint takes notices of another user, and its secret is another one. */
export type SubscriptionSaved = 'saved' | 'taken' | 'deleted user';

export interface SubscriptionStore {
  /**
   * Replaces what the browser took before; of another user only for who has the secret of the browser, too: an endpoint alone may be known to others. The oldest of too
   * many browsers of a user are removed.
   */
  save(
    subscription: PushSubscription,
    idempotency?: Idempotency<SubscriptionSaved>,
  ): Promise<SubscriptionSaved | Replay>;
  removeOf(
    userId: bigint,
    endpoint: string,
    idempotency?: Idempotency<SubscriptionSaved>,
  ): Promise<SubscriptionSaved | Replay>;
}
