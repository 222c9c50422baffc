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

/**
 * What a context returns instead of a result. `code` is a key of a refusal table; a number in `details` is decimal text. Contexts
 * name their codes as `Code`, so that a comparison with a misspelt one does not compile; in messages it is a string.
 */
export interface Refusal<Code extends string = string> {
  readonly code: Code;
  readonly details: Readonly<Record<string, string>>;
}

/** Distinguishes a refusal from a result. Results must not have both `code` and `details`. */
export const isRefusal = (value: object): value is Refusal => 'code' in value && 'details' in value;

/** The response of a context, as its contract declares it. */
export interface ContextResponse<Value> {
  readonly outcome?:
    | { readonly $case: string; readonly value: Value }
    | { readonly $case: 'refusal'; readonly value: Refusal }
    | undefined;
}

/** Returns the result of a response, or its refusal; `isRefusal` distinguishes them. Throws when it has neither. */
export function resultIn<Value extends object>({ outcome }: ContextResponse<Value>): Exclude<Value, Refusal> | Refusal {
  if (outcome === undefined) throw new Error('a context responded without an outcome');
  return outcome.value as Exclude<Value, Refusal> | Refusal;
}

/** Returns the refusal in a response; undefined when it has a result. `Code`: the codes of its context. Throws when it has neither. */
export function refusalIn<Code extends string>(response: ContextResponse<unknown>): Refusal<Code> | undefined {
  const { outcome } = response;
  if (outcome === undefined) throw new Error('a context responded without an outcome');
  return outcome.$case === 'refusal' ? (outcome.value as Refusal<Code>) : undefined;
}

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

/** The process that was called is of an earlier version, without this operation: the call had no effect. */
export class NotSupported extends Error {
  override readonly name = 'NotSupported';
}
