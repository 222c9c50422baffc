import { type Refusal, refuse } from './refusal.ts';

/**
 * Names a command of a caller, so that it has one effect however often it arrives: `CommandKey` of the contract. `scope` is the
 * principal, the user it acts for where that differs, and the operation; `requestHash` is the SHA-256 of the request.
 */
export interface CommandKey {
  readonly scope: string;
  readonly key: string;
  readonly requestHash: Uint8Array;
}

/** How the result of a command is kept: a store writes it in the transaction of the effect. */
export interface Keep<Outcome> {
  readonly commandKey: CommandKey;
  /** The encoded response to an outcome. Undefined: it is not kept, so that the same key may be tried again. */
  readonly resultOf: (outcome: Outcome) => Uint8Array | undefined;
}

/** A command that may carry a key. */
export interface Keyed<Outcome> {
  readonly keep?: Keep<Outcome> | undefined;
}

/** A store returns it instead of an outcome when the key is known. The command has no effect this time. */
export class Replay {
  /** What was kept for the first command. Undefined: the key belongs to another request. */
  readonly result: Uint8Array | undefined;

  constructor(result: Uint8Array | undefined) {
    this.result = result;
  }
}

/**
 * Another transaction has the key and has not ended. Thrown, because no rule decided it: the edge responds with 409 and Retry-After, and
 * a later repeat gets the result.
 */
export class KeyInUse extends Error {
  override readonly name = 'KeyInUse';
}

/** The outcome of a command without a key. */
export function outcomeOf<Outcome>(outcome: Outcome | Replay): Outcome {
  if (outcome instanceof Replay) throw new Error('a command without a key was replayed');
  return outcome;
}

/** What was stored under a key. */
export interface KeptResult {
  readonly requestHash: Uint8Array;
  readonly result: Uint8Array;
}

/** The replay for a command whose key is known. */
export const replayOf = ({ requestHash }: CommandKey, kept: KeptResult): Replay =>
  new Replay(Buffer.compare(requestHash, kept.requestHash) === 0 ? kept.result : undefined);

/** Encodes a message of the contract; generated. */
interface MessageType<Message> {
  encode(message: Message): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Message;
}

/** How an operation turns what its store returned into a response. */
export interface Responding<Outcome, Response> {
  readonly type: MessageType<Response>;
  readonly respond: (outcome: Outcome) => Response;
  readonly refused: (refusal: Refusal) => Response;
  /** Which responses are kept; default: those that are no refusal. */
  readonly isKept?: (response: Response) => boolean;
}

interface Outcomes {
  readonly outcome?: { readonly $case: string } | undefined;
  readonly replayed?: boolean | undefined;
}

const isSuccess = ({ outcome }: Outcomes): boolean => outcome?.$case !== 'refusal';

/**
 * Runs an operation that has one effect a key. `execute` hands `keep` to its store, which keeps the result in the transaction
 * of the effect, or returns the replay of the first one. Refused: IDEMPOTENCY_KEY_REUSED.
 */
export async function executeOnce<Outcome, Response extends Outcomes>(
  commandKey: CommandKey | undefined,
  { type, respond, refused, isKept = isSuccess }: Responding<Outcome, Response>,
  execute: (keep: Keep<Outcome> | undefined) => Promise<Outcome | Replay>,
): Promise<Response> {
  // The response that was kept is the one returned, even when `respond` reads a clock.
  let kept: { readonly outcome: Outcome; readonly response: Response } | undefined;
  const keep = commandKey && {
    commandKey,
    resultOf(outcome: Outcome) {
      const response = respond(outcome);
      kept = { outcome, response };
      return isKept(response) ? type.encode(response).finish() : undefined;
    },
  };
  const outcome = await execute(keep);
  if (!(outcome instanceof Replay)) return kept && kept.outcome === outcome ? kept.response : respond(outcome);
  if (outcome.result === undefined) return refused(refuse('IDEMPOTENCY_KEY_REUSED'));
  return { ...type.decode(outcome.result), replayed: true };
}
