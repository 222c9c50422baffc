import type { CommandKey, Idempotency, Keyed } from '../kernel/command-key.ts';
import { Replay } from '../kernel/command-key.ts';
import type { Refusal } from '../kernel/refusal.ts';
import { refuseFrom } from '../kernel/refuse.ts';

interface Refused {
  readonly kind: 'refused';
  readonly refusal: Refusal<'IDEMPOTENCY_KEY_REUSED'>;
  readonly replayed: boolean;
}

interface Batcher<Command, Outcome> {
  submit(command: Command): Promise<Outcome>;
  submitOnce(command: Command & Keyed<Outcome>): Promise<Outcome | Replay>;
}

interface KeyOptions<Outcome> {
  readonly commandKey: CommandKey | undefined;
  readonly resultOf: Idempotency<Outcome>['resultOf'];
  /** The first outcome, when the stored result is one. Undefined: the command is submitted again. */
  readonly storedOutcome?: (result: Uint8Array) => Outcome | undefined;
}

const refuse = refuseFrom();

/**
 * Submits a command that finds its own earlier effect, as by the user's key. With a `commandKey` it has one effect for all users: a repeat
 * is submitted again, and returns what the first one did. Refused: IDEMPOTENCY_KEY_REUSED, when the key belongs to another request.
 */
export async function submitKeyed<Command extends object, Outcome extends { readonly kind: string }>(
  batcher: Batcher<Command, Outcome>,
  command: Command,
  { commandKey, resultOf, storedOutcome }: KeyOptions<Outcome>,
): Promise<Outcome | Refused> {
  // A refusal that is stored changes nothing, so it leaves no line in the audit log.
  const auditOf = ({ kind }: Outcome) => (kind === 'refused' ? undefined : commandKey?.audit);
  const idempotency = commandKey && { commandKey, resultOf, auditOf };
  const first = await batcher.submitOnce({ ...command, idempotency });
  if (!(first instanceof Replay)) return first;
  if (first.result === undefined)
    return { kind: 'refused', refusal: refuse('IDEMPOTENCY_KEY_REUSED'), replayed: false };
  return storedOutcome?.(first.result) ?? (await batcher.submit(command));
}
