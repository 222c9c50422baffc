/**
 * A refusal is a decision of the domain and is returned as a value. Each context lists its codes once, in api.ts; the edge translates
 * them with that table.
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
  /** `title` and `detail` of the problem document. Both may contain details of the refusal as {name}. */
  readonly en: { readonly title: string; readonly detail: string };
  readonly ko: { readonly title: string; readonly detail: string };
}

export type RefusalTable = Readonly<Record<string, RefusalKind>>;

/** What a context returns instead of a result. `code` is a key of its refusal table. */
export interface Refusal {
  readonly code: string;
  readonly details: Readonly<Record<string, string>>;
}

export const refuse = (code: string, details: Readonly<Record<string, string>> = {}): Refusal => ({ code, details });

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

/** Distinguishes a refusal from a result. Results must not have both `code` and `details`. */
export const isRefusal = (value: object): value is Refusal => 'code' in value && 'details' in value;
