import { isMachine, type Principal, principalKey } from '../auth/principal.ts';
import { networkOf, type Origin } from './client-address.ts';

/** Who tries codes, as the limits against guessing count it. */
export interface CodeCaller {
  /** The principal, or the user that a machine acts for. Without a token the address. */
  readonly key: string;
  /** The address from which wrong codes are counted; undefined for a machine, which sends the tries of many users. */
  readonly network: string | undefined;
}

/** Undefined: a machine that tries codes for no user; the general limit applies to it. */
export function codeCaller(principal: Principal | undefined, { ip }: Origin): CodeCaller | undefined {
  const network = networkOf(ip);
  if (principal === undefined) return { key: `a${network}`, network };
  if (!isMachine(principal)) return { key: principalKey(principal), network };
  return principal.userId > 0n ? { key: `u${principal.userId}`, network: undefined } : undefined;
}

/** The same for a caller who may name the user it acts for: a machine's is that user. */
export const codeCallerFor = (principal: Principal, userId: bigint, origin: Origin): CodeCaller | undefined =>
  codeCaller(isMachine(principal) ? { ...principal, userId } : principal, origin);
