import { hash } from 'node:crypto';
import { placeOf } from '../../platform/idempotency/command-results.ts';
import { contentText } from '../../platform/kernel/content-hash.ts';
import type { AuditEntry, CommandKey, Refusal } from '../../platform/kernel/contract.ts';
import { isOperator } from '../../platform/kernel/operator.ts';
import { actsForCustomer, type Principal, principalKey } from '../auth/principal.ts';
import { ProblemError, valueFrom } from '../problems/problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the interceptor on operations that take an Idempotency-Key. */
    keyedCall?: KeyedCall;
  }
}

/** A response of a context to a command that may carry a key. */
interface KeyedResponse<Outcome> {
  readonly outcome: Outcome;
  readonly replayed?: boolean | undefined;
}

type ValueOf<Outcome> = Exclude<Outcome extends { readonly value: infer Value } ? Value : never, Refusal>;

const AUDIT_SCOPE = 'audit';

/** The Idempotency-Key of a request on its way to a context, and whether the response is a replay. */
export class KeyedCall {
  readonly #scope: string;
  readonly #key: string | undefined;
  readonly #content: readonly unknown[];
  readonly #audit: AuditEntry | undefined;
  #isTaken = false;
  #isReplayed = false;

  /**
   * @param content what has to be equal in a repeat: parameters of the path and the body, or the command without its key. Of an object the values count,
   * so that a command whose fields are passed on from here has all of them compared
   * @param audit the line that the change leaves in the audit log
   */
  constructor(scope: string, key: string | undefined, content: object, audit?: AuditEntry) {
    this.#scope = scope;
    this.#key = key;
    this.#content = Object.values(content);
    this.#audit = audit;
  }

  get isAudited(): boolean {
    return this.#audit !== undefined;
  }

  /** The client's key. Thrown: IDEMPOTENCY_KEY_REQUIRED without one, which operations that require a key never have here. */
  get key(): string {
    if (this.#key === undefined) throw new ProblemError('IDEMPOTENCY_KEY_REQUIRED');
    return this.#key;
  }

  /**
   * Returns the key for the context, and notes that the handler has taken it. Undefined: the client gave no key, and the change leaves no line in the audit log.
   * @param digest of a body that was not parsed
   */
  takeCommandKey(digest: string | null = null): CommandKey | undefined {
    this.#isTaken = true;
    if (this.#key === undefined && this.#audit === undefined) return undefined;
    const requestHash = hash('sha256', contentText([this.#content, digest]), 'buffer');
    // The line goes with the key. A request without one gets one that is never sent again.
    const [scope, key] = this.#key === undefined ? [AUDIT_SCOPE, String(this.#audit?.id)] : [this.#scope, this.#key];
    return { scope, key, requestHash, audit: this.#audit };
  }

  /** Equal for two requests that may have one effect together. Undefined: the client gave no key. */
  get place(): string | undefined {
    return this.#key === undefined ? undefined : placeOf({ scope: this.#scope, key: this.#key });
  }

  /** Has the handler taken the key? One that does not would have an effect for each repeat, or leave no line in the audit log. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  get isReplayed(): boolean {
    return this.#isReplayed;
  }

  /** As `valueFrom`, for a response that may be a replay. Thrown: the refusal, as a ProblemError. */
  valueFrom<Outcome extends { readonly $case: string; readonly value: unknown } | undefined>(
    response: KeyedResponse<Outcome>,
  ): ValueOf<NonNullable<Outcome>> {
    this.noteReplay(response);
    return valueFrom(response.outcome as never) as ValueOf<NonNullable<Outcome>>;
  }

  noteReplay({ replayed }: { readonly replayed?: boolean | undefined }): void {
    if (replayed) this.#isReplayed = true;
  }
}

/**
 * Whose key it is and for which operation: the principal, the user it acts for, and the operation by the first of its routes.
 * Anonymous callers share one scope; their keys have to be unguessable.
 */
export function scopeOf(principal: Principal | undefined, operation: string): string {
  if (principal === undefined) return `anonymous ${operation}`;
  const actsFor = actsForCustomer(principal) ? `:u${principal.userId}` : '';
  return `${principalKey(principal)}${actsFor} ${operation}`;
}

/**
 * For contexts that keep the keys of each user themselves. That is enough for those who act for themselves alone; a key of one who
 * may name another user is kept for the principal, too, otherwise the key would take effect once per named user. So is one whose change leaves a
 * line in the audit log.
 */
export const keyAcrossUsers = (principal: Principal, call: KeyedCall): CommandKey | undefined =>
  isOperator(principal.role) || call.isAudited ? call.takeCommandKey() : undefined;

/** For operations that keep keys themselves, by user: a key of a principal and a route. */
export const routeKey = (route: string, principal: Principal, key: string): string =>
  `${route} ${principalKey(principal)} ${key}`;
