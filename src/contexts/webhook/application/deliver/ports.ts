import type { Attempt, AttemptError } from '../../domain/attempt.ts';
import type { AutomaticReason } from '../../domain/endpoint.ts';
import type { Health } from '../../domain/health.ts';

/** An endpoint that this process alone sends to, until the lease ends. */
export interface LeasedEndpoint {
  readonly id: bigint;
  readonly lease: string;
  readonly url: string;
  readonly health: Health;
  /** How often an administrator has asked for a request at once. */
  readonly wakes: number;
  /** As they are stored: the present secret, and the previous one while it signs. */
  readonly secrets: readonly Buffer[];
}

export interface WaitingDelivery {
  readonly id: bigint;
  readonly eventId: string;
  readonly subject: string;
  readonly body: string;
  /** Attempts before. */
  readonly attempts: number;
}

/** What a delivery becomes after a request. */
export interface DeliveryResult {
  readonly id: bigint;
  readonly status: 'PENDING' | 'DELIVERED' | 'FAILED';
  readonly lastStatus: number | null;
  readonly lastError: AttemptError | null;
  /** When it is tried again. */
  readonly dueAt: Date | null;
}

export interface Recorded {
  readonly results: readonly DeliveryResult[];
  /** Absent: unchanged. It is not recorded when an administrator has asked for a request at once since the endpoint of this record was read: it would begin a pause again. */
  readonly health?: Health | undefined;
  /** All that waits is due at once, because the endpoint responds again. */
  readonly isRecovered: boolean;
  /** Disables the endpoint, with a line in the audit log. */
  readonly disabled?: AutomaticReason | undefined;
}

/** The deliveries of one database. Times are the caller's. */
export interface DeliveryQueue {
  /** Leases endpoints of which `due` returns something and that have no lease, but for those of `except`. */
  acquire(at: Date, leaseUntil: Date, except: readonly bigint[], limit: number): Promise<readonly LeasedEndpoint[]>;
  /** Extends the lease and reads the endpoint. Undefined: the lease has ended, or the endpoint was changed, disabled or deleted. */
  renew(endpoint: LeasedEndpoint, at: Date, leaseUntil: Date): Promise<LeasedEndpoint | undefined>;
  release(endpoint: LeasedEndpoint): Promise<void>;
  /**
   * Deliveries that are due, in order, after the one with the id `after` and without those in `held`. One whose subject has an earlier delivery that waits,
   * and that is neither held nor in the result, is not among them.
   */
  due(
    endpointId: bigint,
    at: Date,
    page: { readonly after: bigint; readonly held: readonly bigint[]; readonly limit: number },
  ): Promise<readonly WaitingDelivery[]>;
  /** The one delivery with which a failing endpoint is tried: a test event, else the earliest that `due` returns. At most one. */
  probe(endpointId: bigint, at: Date, held: readonly bigint[]): Promise<readonly WaitingDelivery[]>;
  /** Returns false when the lease has ended: then nothing is recorded. */
  record(endpoint: LeasedEndpoint, recorded: Recorded, at: Date): Promise<boolean>;
  /** Disables endpoints with more than `max` waiting deliveries. Returns their ids. */
  disableFull(max: number, at: Date): Promise<readonly bigint[]>;
}

/** Sends one request. Never rejects. */
export type SendRequest = (endpoint: LeasedEndpoint, delivery: WaitingDelivery) => Promise<Attempt>;
