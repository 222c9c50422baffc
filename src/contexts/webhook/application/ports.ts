import type { Delivery as ConsumedEvent } from '../../../platform/events/bus.ts';
import type { Idempotency, Replay } from '../../../platform/kernel/command-key.ts';
import type { DeliveryStatus } from '../domain/delivery.ts';
import type { Endpoint, EndpointChange } from '../domain/endpoint.ts';

/** The consumer group of this context. */
export const CONSUMER = 'webhook';

export interface NewEndpoint {
  readonly id: bigint;
  readonly url: string;
  readonly topics: readonly string[];
  readonly description: string;
  readonly enabled: boolean;
  /** As it is stored. */
  readonly secret: Buffer;
}

/** An endpoint with the number of its waiting deliveries, of which at most one more than the bound are counted. */
export interface CountedEndpoint {
  readonly endpoint: Endpoint;
  readonly waiting: number;
}

export interface EndpointStore {
  /** Returns LIMIT_REACHED when there are `max` endpoints. */
  add(
    endpoint: NewEndpoint,
    max: number,
    at: Date,
    idempotency: Idempotency<CountedEndpoint | 'LIMIT_REACHED'> | undefined,
  ): Promise<CountedEndpoint | 'LIMIT_REACHED' | Replay>;
  /**
   * A change of the URL or of `enabled` ends what is being sent by the earlier state, and forgets the failures. Undefined: there is no such endpoint.
   */
  change(
    id: bigint,
    change: EndpointChange,
    at: Date,
    idempotency: Idempotency<CountedEndpoint | undefined> | undefined,
  ): Promise<CountedEndpoint | undefined | Replay>;
  /** The present secret becomes the previous one. Undefined: there is no such endpoint. */
  rotate(
    id: bigint,
    secret: Buffer,
    previousUntil: Date,
    at: Date,
    idempotency: Idempotency<CountedEndpoint | undefined> | undefined,
  ): Promise<CountedEndpoint | undefined | Replay>;
  /**
   * Replaces each stored secret, previous ones too, by what `replace` returns for it, under the lock of its endpoint. Undefined: it stays. Returns how many
   * endpoints were changed.
   */
  replaceSecrets(replace: (sealed: Buffer, endpointId: bigint) => Buffer | undefined): Promise<number>;
  /** Returns whether there was one. Its deliveries are deleted later, by `deleteOrphans`. */
  delete(id: bigint, idempotency: Idempotency<boolean> | undefined): Promise<boolean | Replay>;
  find(id: bigint): Promise<CountedEndpoint | undefined>;
  /** Newest first. */
  list(page: { readonly before: bigint | undefined; readonly limit: number }): Promise<readonly CountedEndpoint[]>;
}

/** A delivery as administrators see it. */
export interface DeliveryRecord {
  readonly id: bigint;
  readonly endpointId: bigint;
  readonly eventId: string;
  readonly topic: string;
  readonly subject: string;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly dueAt: Date;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  /** Null: erased. */
  readonly body: string | null;
}

export type DeliveryRefused = 'NO_ENDPOINT' | 'NO_DELIVERY' | 'DISABLED' | 'ERASED';
export type DeliveryChanged = DeliveryRecord | DeliveryRefused;

export interface DeliveryStore {
  /** Newest first. */
  list(
    endpointId: bigint,
    page: { readonly status: DeliveryStatus | undefined; readonly before: bigint | undefined; readonly limit: number },
  ): Promise<readonly DeliveryRecord[]>;
  /** Adds a delivery by hand. A failing endpoint is tried with it at once. */
  add(
    endpointId: bigint,
    event: { readonly eventId: string; readonly topic: string; readonly subject: string; readonly body: string },
    at: Date,
    idempotency: Idempotency<DeliveryChanged> | undefined,
  ): Promise<DeliveryChanged | Replay>;
  /** Makes a delivery due now, with all its attempts before it. A failing endpoint is tried with it at once. */
  replay(
    endpointId: bigint,
    id: bigint,
    at: Date,
    idempotency: Idempotency<DeliveryChanged> | undefined,
  ): Promise<DeliveryChanged | Replay>;
}

/** An event that some endpoint may want. */
export interface OfferedEvent {
  readonly eventId: string;
  readonly topic: string;
  readonly subject: string;
  readonly body: string;
  /** The user whose external id the body has, as a subject. Null: it has none. */
  readonly identifiedUser: string | null;
}

export interface DeliveryIntake {
  /** The topics that enabled endpoints name. */
  wantedTopics(): Promise<ReadonlySet<string>>;
  /**
   * Adds a delivery for each enabled endpoint that wants it and each event that was not handled before, in the order of the events; and erases what is
   * personal of users who have deleted their accounts. All in one transaction.
   */
  addOnce(
    events: readonly ConsumedEvent[],
    offer: (fresh: readonly ConsumedEvent[]) => readonly OfferedEvent[],
    deletedUsers: (fresh: readonly ConsumedEvent[]) => readonly string[],
    at: Date,
  ): Promise<void>;
}

/** Returns the ids by which other issuers know users, of those who have one. */
export type ExternalIdsOf = (userIds: readonly bigint[]) => Promise<ReadonlyMap<bigint, string>>;

/** What is kept for a while only. */
export interface OldDeliveries {
  /** Each deletes at most `limit` rows and returns how many. */
  deleteFinished(before: Date, limit: number): Promise<number>;
  /** Those that waited for a disabled endpoint for too long. */
  deleteStale(before: Date, limit: number): Promise<number>;
  /** Those whose endpoint is deleted. */
  deleteOrphans(limit: number): Promise<number>;
  /** Erases what was stored of users after their deletion, since topics have no order among each other, and what could not be erased then. */
  eraseForgotten(): Promise<number>;
  deleteForgotten(before: Date, limit: number): Promise<number>;
}

/** Makes and hides the secrets of endpoints. */
export interface SecretBox {
  create(): Buffer;
  seal(key: Buffer, endpointId: bigint): Buffer;
  /** Undefined: it was sealed with a secret that is not known here. */
  open(sealed: Buffer, endpointId: bigint): Buffer | undefined;
  /** Returns whether it was sealed with the secret that seals now. */
  isCurrent(sealed: Buffer, endpointId: bigint): boolean;
}
