/**
 * A start that failed for a reason that the operator can fix. The message is shown without a stack: one line for each problem, with
 * what is wrong and what to do.
 */
export class StartError extends Error {
  override readonly name = 'StartError';
}
