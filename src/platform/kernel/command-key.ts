import type { AuditEntry } from './contract.ts';
import type { Refusal } from './refusal.ts';
import { refuseFrom } from './refuse.ts';

/**
 * Names a command of a caller, so that it has one effect however often it arrives: `CommandKey` of the contract. `scope` is the
 * principal, the user it acts for where that differs, and the operation; `requestHash` is the SHA-256 of the request.
 */
export interface CommandKey {
  readonly scope: string;
  readonly key: string;
  readonly requestHash: Uint8Array;
  /** The line that the change leaves in the audit log. Absent: none, for commands of customers. */
  readonly audit?: AuditEntry | undefined;
}

/** What makes a command idempotent: its key, and the result that its store writes in the transaction of the effect. */
export interface Idempotency<Outcome> {
  readonly commandKey: CommandKey;
  /** The encoded response to an outcome. Undefined: nothing is stored, so that the same key may be tried again. */
  readonly resultOf: (outcome: Outcome) => Uint8Array | undefined;
  /** The line for the audit log, of an outcome that has a result. Default: that of the command key; undefined for a refusal that is stored. */
  readonly auditOf?: (outcome: Outcome) => AuditEntry | undefined;
}

/** A command that may carry a key. */
export interface Keyed<Outcome> {
  readonly idempotency?: Idempotency<Outcome> | undefined;
}

/** A store returns it instead of an outcome when the key is known. The command has no effect this time. */
export class Replay {
  /** What was stored for the first command. Undefined: the key belongs to another request. */
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
export interface StoredResult {
  readonly requestHash: Uint8Array;
  readonly result: Uint8Array;
}

/** Are two commands with one key the same request? */
export const isSameRequest = (one: Pick<CommandKey, 'requestHash'>, other: Pick<CommandKey, 'requestHash'>): boolean =>
  Buffer.compare(one.requestHash, other.requestHash) === 0;

/** The replay for a command whose key is known. */
export const replayOf = (commandKey: CommandKey, stored: StoredResult): Replay =>
  new Replay(isSameRequest(commandKey, stored) ? stored.result : undefined);

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
  /** Which responses are stored; default: those that are no refusal. */
  readonly isStored?: (response: Response) => boolean;
}

interface Outcomes {
  readonly outcome?: { readonly $case: string; readonly value?: unknown } | undefined;
  readonly replayed?: boolean | undefined;
}

/** Of the codes that are common to all. */
const refuse = refuseFrom();

const isSuccess = ({ outcome }: Outcomes): boolean => outcome?.$case !== 'refusal';

/**
 * The id of what a command returned, for the line of one that names nothing because it creates it: that of its outcome, or of the one message
 * with an id that is a field of the response.
 */
function createdId(response: Outcomes): string | undefined {
  const created = response.outcome === undefined ? Object.values(response) : [response.outcome.value];
  const ids = created.map((each) => (Object(each) as { readonly id?: unknown }).id);
  const id = ids.find((each) => typeof each === 'bigint');
  return id === undefined ? undefined : String(id);
}

/**
 * Runs an operation that has one effect a key. `execute` hands `idempotency` to its store, which stores the result in the transaction
 * of the effect, or returns the replay of the first one. Refused: IDEMPOTENCY_KEY_REUSED.
 */
export async function executeOnce<Outcome, Response extends Outcomes>(
  commandKey: CommandKey | undefined,
  { type, respond, refused, isStored = isSuccess }: Responding<Outcome, Response>,
  execute: (idempotency: Idempotency<Outcome> | undefined) => Promise<Outcome | Replay>,
): Promise<Response> {
  // The response that was stored is the one returned, even when `respond` reads a clock.
  let stored: { readonly outcome: Outcome; readonly response: Response } | undefined;
  const idempotency = commandKey && {
    commandKey,
    resultOf(outcome: Outcome) {
      const response = respond(outcome);
      stored = { outcome, response };
      return isStored(response) ? type.encode(response).finish() : undefined;
    },
    auditOf(outcome: Outcome) {
      const response = respond(outcome);
      const { audit } = commandKey;
      return audit && isSuccess(response) ? { ...audit, subject: audit.subject ?? createdId(response) } : undefined;
    },
  };
  const outcome = await execute(idempotency);
  if (!(outcome instanceof Replay)) return stored && stored.outcome === outcome ? stored.response : respond(outcome);
  if (outcome.result === undefined) return refused(refuse('IDEMPOTENCY_KEY_REUSED'));
  return { ...type.decode(outcome.result), replayed: true };
}
