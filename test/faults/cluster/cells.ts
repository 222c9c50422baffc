import type { Cell } from './cell.ts';
import { CLUSTER_FAULTS } from './cluster-faults.ts';
import { CLUSTER_PARTS } from './parts.ts';
import type { OpenCell } from './results.ts';
import { SESSION_KINDS } from './session.ts';

/** For every change. */
export const QUICK = ['coupon-1 killed rush', 'postgres killed checkout', 'kafka frozen rush'];
/** As the options of the command have it. */
export const nameOf = ({ part, fault, load }: Cell): string => `${part.name} ${fault.name} ${load}`;

/** All, in an order in which each session serves many cells. */
export const CELLS: readonly Cell[] = SESSION_KINDS.flatMap((kind) =>
  CLUSTER_FAULTS.filter(({ session }) => session === kind).flatMap((fault) =>
    CLUSTER_PARTS.flatMap((part) =>
      part.loads.filter((load) => fault.appliesTo(part, load)).map((load) => ({ part, fault, load })),
    ),
  ),
);

/** Each of them, for those that no result names. */
export const OPEN_CELLS: readonly OpenCell[] = CELLS.map(({ part, fault, load }) => ({
  part: part.name,
  title: part.title,
  fault: fault.name,
  load,
  why: 'Not run yet',
}));
