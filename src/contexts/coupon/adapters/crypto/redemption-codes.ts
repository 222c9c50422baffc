import { hkdfSync } from 'node:crypto';
import type { RedemptionCodes } from '../../application/counter/ports.ts';
import { NUMBER_SYMBOLS, readRedemptionCode, writeRedemptionCode } from '../../domain/codes/redemption-code.ts';
import { ff1, type Permutation } from './ff1.ts';

const PURPOSE = 'stampede redemption codes';
const KEY_BYTES = 32;
/** Ids are positive and have 63 bits. */
const ID_END = 2n ** 63n;

/**
 * Redemption codes are the ids of coupons, permuted by FF1 with AES-256: two coupons never have the same code, and without the
 * secret nothing about other codes follows from any number of known ones.
 * @param secrets the first one makes codes; codes of all are read. At least one
 */
export function redemptionCodes(secrets: readonly string[]): RedemptionCodes {
  const permutations = secrets.map(permutationOf);
  const [newest] = permutations;
  if (newest === undefined) throw new Error('redemption codes need a secret');
  return {
    codeOf: (couponId) => writeRedemptionCode(newest.encrypt(couponId)),
    couponIdsOf(typed) {
      const value = readRedemptionCode(typed);
      if (value === undefined) return [];
      return permutations.map((permutation) => permutation.decrypt(value)).filter((id) => id > 0n && id < ID_END);
    },
  };
}

function permutationOf(secret: string): Permutation {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', PURPOSE, KEY_BYTES));
  return ff1({ key, radix: 32, length: NUMBER_SYMBOLS });
}
