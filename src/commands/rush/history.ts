/** What one user was told in the end. Times are milliseconds since t0, the moment at which everybody meant to ask. */
export interface Outcome {
  readonly user: string;
  readonly status: number;
  /** The refusal's code, or undefined. */
  readonly code: string | undefined;
  readonly couponId: string | undefined;
  readonly sequenceNo: number | undefined;
  readonly firstSentMs: number;
  readonly sentMs: number;
  readonly answeredMs: number;
  /** 1 unless it had to ask again. */
  readonly attempts: number;
}

/** Why users had to ask again. */
export interface Retries {
  /** The connection broke or the answer did not come: whether the coupon was issued is unknown until asked again. */
  transport: number;
  /** 503, or 429 RATE_LIMITED: nothing was done, or the same request answers what was. */
  busy: number;
}

export interface History {
  readonly outcomes: readonly Outcome[];
  /** Users without a final answer when the client gave up. */
  readonly unanswered: number;
  readonly retries: Readonly<Retries>;
}

/** A user who was told of a coupon: by 201, or by a 409 that names the one from an attempt whose answer was lost. */
export interface Owned extends Outcome {
  readonly couponId: string;
  readonly sequenceNo: number;
}
export const isOwned = (outcome: Outcome): outcome is Owned =>
  outcome.couponId !== undefined &&
  outcome.sequenceNo !== undefined &&
  (outcome.status === 201 || outcome.attempts > 1);

export const isSoldOut = (outcome: Outcome): boolean => outcome.code === 'COUPON_SOLD_OUT';
export const isAlreadyIssued = (outcome: Outcome): boolean => outcome.code === 'COUPON_ALREADY_ISSUED';
