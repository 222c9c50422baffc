import type { Chance } from './chance.ts';

/** The faults of runs, by their names; each with a probability at each occasion. */
interface FaultProfiles<Fault extends string, Kind extends string> {
  /** Every fault, with probability 0. */
  readonly none: Readonly<Record<Fault, number>>;
  /** How often each kind of run is chosen. */
  readonly weights: Readonly<Record<Kind, number>>;
  readonly scales: readonly number[];
  /** What goes wrong in a run of this kind; the others have probability 0. */
  readonly kinds: (scale: number) => Readonly<Record<Kind, () => Partial<Readonly<Record<Fault, number>>>>>;
}

/**
 * Chooses the faults of a run. A run with every fault at once hides what a few faults of one kind would show, so the seed chooses a kind, and how much of it
 * there is.
 */
export function chooseFaults<Fault extends string, Kind extends string>(
  chance: Chance,
  { none, weights, scales, kinds }: FaultProfiles<Fault, Kind>,
): Readonly<Record<Fault, number>> {
  const kind = chance.weighted(weights);
  const scale = chance.of(scales);
  return { ...none, ...kinds(scale)[kind]() };
}
