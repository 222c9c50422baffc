import type { Chance } from '../chance.ts';
import type { Managing } from './managers.ts';
import { NO_TROUBLE, type Trouble, troubleOf } from './trouble.ts';

/** What a run consists of. */
export interface Shape {
  readonly policies: () => number;
  readonly stockMax: number;
  readonly nodes: readonly number[];
  readonly gateways: readonly number[];
  /** Of a user. */
  readonly requests: () => number;
  readonly pausesMs: readonly number[];
  /** Of managers. */
  readonly changes: () => number;
  readonly managing: Managing;
  readonly trouble: Trouble;
}

/** Most runs have a little of everything. In the others a policy is sold out for long and opens again, and what is known of it is late. */
export function shapeOf(chance: Chance): Shape {
  if (chance.happens(0.8)) {
    return {
      policies: () => (chance.weighted({ 1: 3, 2: 1 }) === '1' ? 1 : 2),
      stockMax: 5,
      nodes: [1, 1, 2, 2, 3],
      gateways: [0, 1, 2],
      requests: () => chance.between(1, 5),
      pausesMs: [0, 30, 300, 600, 950],
      changes: () => chance.below(5),
      managing: { stock: 4, pause: 2, suspend: 1, withdraw: 4 },
      trouble: troubleOf(chance),
    };
  }
  return {
    policies: () => 1,
    stockMax: 2,
    nodes: [2, 3],
    gateways: [1],
    requests: () => chance.between(8, 16),
    pausesMs: [0, 60, 150, 300],
    changes: () => chance.between(2, 4),
    managing: { stock: 2, pause: 1, suspend: 1, withdraw: 2 },
    trouble: { ...NO_TROUBLE, slow: chance.of([0.15, 0.3]) },
  };
}
