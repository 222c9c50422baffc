/** A final answer. Times are milliseconds since t0, the moment at which everybody meant to ask. */
export interface Outcome<Told> {
  readonly asker: number;
  /** 0 for an asker's first request, 1 for the one that follows from its answer. */
  readonly step: number;
  readonly user: string;
  readonly status: number;
  /** The refusal's code, or undefined. */
  readonly code: string | undefined;
  readonly told: Told | undefined;
  /** When the asker's first request left. */
  readonly beganMs: number;
  readonly firstSentMs: number;
  readonly sentMs: number;
  readonly answeredMs: number;
  /** 1 unless it had to ask again. */
  readonly attempts: number;
}

/** Why users had to ask again. */
export interface Retries {
  /** The connection broke or the answer did not come: what became of it is unknown until asked again. */
  transport: number;
  /** 503, or 429 RATE_LIMITED: nothing was done, or the same request answers what was. */
  busy: number;
}

export interface History<Told> {
  readonly outcomes: readonly Outcome<Told>[];
  /** Askers who had not come to their end when the client gave up. */
  readonly unanswered: number;
  readonly retries: Readonly<Retries>;
}
