/** A final response. Times are milliseconds since t0, the start of the rush. */
export interface Outcome<Data> {
  readonly client: number;
  /** 0 for a client's first request, 1 for the one that follows from its response. */
  readonly step: number;
  readonly user: string;
  readonly status: number;
  /** The refusal's code, or undefined. */
  readonly code: string | undefined;
  readonly data: Data | undefined;
  /** When the client's first request was sent. */
  readonly beganMs: number;
  readonly firstSentMs: number;
  readonly sentMs: number;
  readonly respondedMs: number;
  /** 1 without a retry. */
  readonly attempts: number;
}

/** The reasons of retries. */
export interface Retries {
  /** The connection broke or no response came: the outcome is unknown until the retry. */
  transport: number;
  /** 503, or 429 RATE_LIMITED: nothing was done, or a repeat returns the earlier result. */
  busy: number;
}

export interface History<Data> {
  readonly outcomes: readonly Outcome<Data>[];
  /** Clients without a final response when the rush gave up. */
  readonly unanswered: number;
  readonly retries: Readonly<Retries>;
}
