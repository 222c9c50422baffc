import { ratioOf, type Spread, spreadOf } from '../support/statistics.ts';
import type { MainSection } from './main-section.ts';
import type { Measurement, PerIssue } from './measurement.ts';

/** The measurements of one candidate at one width, in the order of the rounds. */
export function measurementsOf(
  main: MainSection,
  id: string,
  connections: number = main.connections,
): readonly Measurement[] {
  return main.measurements
    .filter((measurement) => measurement.id === id && measurement.connections === connections)
    .toSorted((a, b) => a.round - b.round);
}

export function rateOf(main: MainSection, id: string, connections?: number): Spread | undefined {
  const measurements = measurementsOf(main, id, connections);
  return measurements.length === 0 ? undefined : spreadOf(measurements.map(({ perSecond }) => perSecond));
}

/** Issues or refusals of `above` for each of `below`. */
export function rateRatio(main: MainSection, above: string, below: string, connections?: number): Spread | undefined {
  const rates = (id: string): number[] => measurementsOf(main, id, connections).map(({ perSecond }) => perSecond);
  return ratioOf(rates(above), rates(below));
}

export function p50Ratio(main: MainSection, above: string, below: string, connections: number): Spread | undefined {
  const times = (id: string): number[] => measurementsOf(main, id, connections).map(({ p50Ms }) => p50Ms);
  return ratioOf(times(above), times(below));
}

export function perIssueOf(
  main: MainSection,
  id: string,
  figure: (of: PerIssue) => number | undefined,
): Spread | undefined {
  const values = measurementsOf(main, id).flatMap(({ perIssue }) => {
    const value = perIssue === undefined ? undefined : figure(perIssue);
    return value === undefined ? [] : [value];
  });
  return values.length === 0 ? undefined : spreadOf(values);
}
