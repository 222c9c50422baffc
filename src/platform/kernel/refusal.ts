/**
 * A refusal is a decision of the domain and is returned as a value. Each context declares its codes once, in refusals.ts; the edge
 * translates them with that table.
 */
export interface RefusalKind {
  readonly http: number;
  readonly grpc:
    | 'INVALID_ARGUMENT'
    | 'UNAUTHENTICATED'
    | 'PERMISSION_DENIED'
    | 'NOT_FOUND'
    | 'ALREADY_EXISTS'
    | 'FAILED_PRECONDITION'
    | 'ABORTED'
    | 'RESOURCE_EXHAUSTED'
    | 'UNAVAILABLE';
  /** What the refusal says about its request, by name. Absent: nothing. */
  readonly details?: DetailTypes;
  /** The details are the names of invalid fields, each with a reason. */
  readonly namesFields?: true;
  /** `title` and `detail` of the problem document. Both may contain details that are always there, as {name}. */
  readonly en: { readonly title: string; readonly detail: string };
  readonly ko: { readonly title: string; readonly detail: string };
}

/** The type of a detail in JSON; with a question mark the detail may be absent. A 64-bit id is a string. */
export type DetailType = 'string' | 'number' | 'string?' | 'number?';
export type DetailTypes = Readonly<Record<string, DetailType>>;

export type RefusalTable = Readonly<Record<string, RefusalKind>>;

/** What a context returns instead of a result. `code` is a key of a refusal table; a number in `details` is decimal text. */
export interface Refusal {
  readonly code: string;
  readonly details: Readonly<Record<string, string>>;
}

/** Distinguishes a refusal from a result. Results must not have both `code` and `details`. */
export const isRefusal = (value: object): value is Refusal => 'code' in value && 'details' in value;

/** The response of an operation that refuses. `replayed`: an earlier command with the same key was refused so. */
export const toRefusalResponse = (value: Refusal, replayed = false) => ({
  outcome: { $case: 'refusal' as const, value },
  replayed,
});

/**
 * A technical failure: the request had no effect, or a retry with the same key returns its effect. Thrown, because no rule of the domain
 * decided it. The edge responds with 503 and Retry-After.
 */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
  readonly code: 'OVERLOADED' | 'DEPENDENCY_UNAVAILABLE';
  readonly retryAfterSeconds: number;

  constructor(code: Unavailable['code'], message: string, retryAfterSeconds = 1, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
