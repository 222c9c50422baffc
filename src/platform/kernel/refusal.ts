/**
 * A refusal is a decision of the domain and travels as a value. Each context lists its codes once, in api.ts; both edges
 * translate them from that table.
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
  /** Shown to people as title; `detail` is a longer sentence. Both may name details of the refusal as {name}. */
  readonly en: { readonly title: string; readonly detail: string };
  readonly ko: { readonly title: string; readonly detail: string };
}

export type RefusalTable = Readonly<Record<string, RefusalKind>>;

/** What a context answers instead of a result. `code` is a key of its refusal table. */
export interface Refusal {
  readonly code: string;
  readonly details: Readonly<Record<string, string>>;
}

export const refuse = (code: string, details: Readonly<Record<string, string>> = {}): Refusal => ({ code, details });

/**
 * A technical failure that says "nothing was done, or the same key answers what was". Thrown, because no rule decided it;
 * the edge answers 503 with Retry-After.
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

/** Tells a refusal from a result that has no `code` and `details` of its own. */
export const isRefusal = (value: object): value is Refusal => 'code' in value && 'details' in value;
