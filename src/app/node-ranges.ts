import { ALL_NODES, type NodeRange } from '../platform/postgres/node-numbers.ts';
import { PARTS, type Part, type Target } from './parts.ts';

/** Of 128 numbers for each part: ids of different databases meet in payments, orders and charges. */
export const NODES_OF_A_PART = 128;
/** Eight parts have all 1,024 numbers. Those that came later have the upper half of another one's, which then keeps the lower half. */
const SHARES: Readonly<Partial<Record<Part, Part>>> = { webhook: 'statistics' };

export const firstNodeOf = (part: Part): number => PARTS.indexOf(part) * NODES_OF_A_PART;

/** A process that hosts everything has all numbers, and another one those of its first part. */
export function nodeRangeOf({ parts, isComplete }: Target): NodeRange {
  if (isComplete) return ALL_NODES;
  const [first = 'gateway'] = PARTS.filter((part) => parts.has(part));
  return rangeOf(first);
}

function rangeOf(part: Part): NodeRange {
  const half = NODES_OF_A_PART / 2;
  const lender = SHARES[part];
  if (lender !== undefined)
    return { first: firstNodeOf(lender) + half, last: firstNodeOf(lender) + NODES_OF_A_PART - 1 };
  const count = Object.values(SHARES).includes(part) ? half : NODES_OF_A_PART;
  return { first: firstNodeOf(part), last: firstNodeOf(part) + count - 1 };
}
