import { ratioOf, type Spread, spreadOf } from '../support/statistics.ts';
import type { MainSection } from './main-section.ts';
import type { PerIssue, Slice } from './slice.ts';

/** The slices of one entrant at one width, in the order of the rounds. */
export function slicesOf(main: MainSection, id: string, connections: number = main.connections): readonly Slice[] {
  return main.slices
    .filter((slice) => slice.id === id && slice.connections === connections)
    .toSorted((a, b) => a.round - b.round);
}

export function rateOf(main: MainSection, id: string, connections?: number): Spread | undefined {
  const slices = slicesOf(main, id, connections);
  return slices.length === 0 ? undefined : spreadOf(slices.map(({ perSecond }) => perSecond));
}

/** Issues or refusals of `above` for each of `below`. */
export function rateRatio(main: MainSection, above: string, below: string, connections?: number): Spread | undefined {
  const rates = (id: string): number[] => slicesOf(main, id, connections).map(({ perSecond }) => perSecond);
  return ratioOf(rates(above), rates(below));
}

export function p50Ratio(main: MainSection, above: string, below: string, connections: number): Spread | undefined {
  const times = (id: string): number[] => slicesOf(main, id, connections).map(({ p50Ms }) => p50Ms);
  return ratioOf(times(above), times(below));
}

export function perIssueOf(
  main: MainSection,
  id: string,
  figure: (of: PerIssue) => number | undefined,
): Spread | undefined {
  const values = slicesOf(main, id).flatMap(({ perIssue }) => {
    const value = perIssue === undefined ? undefined : figure(perIssue);
    return value === undefined ? [] : [value];
  });
  return values.length === 0 ? undefined : spreadOf(values);
}
