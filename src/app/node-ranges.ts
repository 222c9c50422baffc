import { ALL_NODES, type NodeRange } from '../platform/postgres/node-numbers.ts';
import type { Part, Target } from './service-variables.ts';
import { PARTS } from './targets.ts';

/** Of 128 numbers for each part: ids of different databases meet in payments, orders and charges. */
export const NODES_OF_A_PART = 128;

export const firstNodeOf = (part: Part): number => PARTS.indexOf(part) * NODES_OF_A_PART;

/** A process that hosts everything has all numbers, and another one those of its first part. */
export function nodeRangeOf({ parts, isComplete }: Target): NodeRange {
  if (isComplete) return ALL_NODES;
  const [first = 'gateway'] = PARTS.filter((part) => parts.has(part));
  return { first: firstNodeOf(first), last: firstNodeOf(first) + NODES_OF_A_PART - 1 };
}
