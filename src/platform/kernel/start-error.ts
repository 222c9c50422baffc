/**
 * A start that cannot go on for a reason that people can mend. The message is what they see: one line, or one line a
 * problem, each saying what is wrong and what to do. No stack is shown.
 */
export class StartError extends Error {
  override readonly name = 'StartError';
}
