import type { Problem } from './problems.ts';

/** Stampede refused a request of something that returns no result, such as the next page of a list. */
export class StampedeError extends Error {
  override readonly name = 'StampedeError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.problem = problem;
  }
}

/**
 * No attempt of a request got a response, so whether it took effect is not known. Repeat it with the same key: it takes effect once.
 */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly attempts: number;
  /** The Idempotency-Key that every attempt carried. Undefined: a read. */
  readonly idempotencyKey: string | undefined;

  constructor(attempts: number, idempotencyKey: string | undefined, options: ErrorOptions) {
    super(`There was no response after ${attempts === 1 ? 'one attempt' : `${attempts} attempts`}.`, options);
    this.attempts = attempts;
    this.idempotencyKey = idempotencyKey;
  }
}

/**
 * Returns the data of a result.
 * @throws StampedeError with its problem when it has one
 */
export function unwrap<Data>(result: { readonly data?: Data; readonly error?: Problem | undefined }): Data {
  if (result.error !== undefined) throw new StampedeError(result.error);
  return result.data as Data;
}
