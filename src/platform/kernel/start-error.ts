/**
 * A start that failed for a reason that the operator can fix. The message is shown without a stack: one line for each problem, with
 * what is wrong and what to do.
 */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** A command line that makes no sense: options that do not belong together, or a value that an option cannot have. Shown as a StartError is. */
export class UsageError extends StartError {}
