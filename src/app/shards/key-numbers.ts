import { createHash } from 'node:crypto';
import type { CommandKey } from '../../platform/kernel/contract.ts';

/** A number that follows from an idempotency key alone, from 0 to 2^32 - 1. */
export const numberOfKey = ({ scope, key }: Pick<CommandKey, 'scope' | 'key'>): number =>
  createHash('sha256').update(`${scope} ${key}`).digest().readUInt32BE();
