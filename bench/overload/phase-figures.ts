import { percentilesOf } from '../../src/commands/rush/figures.ts';
import type { Arrival, Phase } from './open-loop.ts';

/** A response counts when it is a 2xx and arrives within this time after its request was due. */
export const GOOD_MS = 1_000;
/** The first part of a phase still shows the phase before. */
export const SETTLING_MS = 2_000;

export interface PhaseFigures {
  /** The intended and the actual rate: requests a second. */
  readonly offered: number;
  readonly sent: number;
  /** Successes within a second, a second; and those that came later. */
  readonly good: number;
  readonly late: number;
  /** 503 a second. */
  readonly shed: number;
  /** Any other status and how often; none is expected. */
  readonly other: Readonly<Record<string, number>>;
  /** Of all successes, in time or not. */
  readonly successP50Ms: number;
  readonly successP99Ms: number;
  readonly shedP50Ms: number;
  readonly shedP99Ms: number;
  /** Successes in time in each second of the phase. */
  readonly goodBySecond: readonly number[];
}

/** Figures of each phase without its first two seconds; requests belong to the phase in which they were due. */
export function figuresOf(arrivals: readonly Arrival[], phases: readonly Phase[]): readonly PhaseFigures[] {
  let startMs = 0;
  return phases.map(({ perSecond, seconds }) => {
    const [fromMs, endMs] = [startMs, startMs + seconds * 1_000];
    startMs = endMs;
    const all = arrivals.filter(({ dueMs }) => dueMs >= fromMs && dueMs < endMs);
    const settlingMs = Math.min(SETTLING_MS, (seconds * 1_000) / 2);
    const counted = all.filter(({ dueMs }) => dueMs >= fromMs + settlingMs);
    const a = (count: number): number => Math.round((count * 1_000) / (endMs - fromMs - settlingMs));
    const successes = counted.filter(isSuccess);
    const shed = counted.filter(({ status }) => status === 503);
    const answered = counted.filter(({ status }) => status !== undefined);
    const [success, refusal] = [percentilesOf(successes.map(latencyOf)), percentilesOf(shed.map(latencyOf))];
    return {
      offered: perSecond,
      sent: a(answered.length),
      good: a(successes.filter(isInTime).length),
      late: a(successes.filter((arrival) => !isInTime(arrival)).length),
      shed: a(shed.length),
      other: countsOf(answered.filter((arrival) => !isSuccess(arrival) && arrival.status !== 503)),
      successP50Ms: Math.round(success.p50),
      successP99Ms: Math.round(success.p99),
      shedP50Ms: Math.round(refusal.p50),
      shedP99Ms: Math.round(refusal.p99),
      goodBySecond: bySecond(
        all.filter((arrival) => isSuccess(arrival) && isInTime(arrival)),
        fromMs,
        seconds,
      ),
    };
  });
}

function countsOf(arrivals: readonly Arrival[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of arrivals) counts[`${status}`] = (counts[`${status}`] ?? 0) + 1;
  return counts;
}

const isSuccess = ({ status }: Arrival): boolean => status !== undefined && status < 300;
const latencyOf = ({ respondedMs, dueMs }: Arrival): number => respondedMs - dueMs;
const isInTime = (arrival: Arrival): boolean => latencyOf(arrival) <= GOOD_MS;

function bySecond(arrivals: readonly Arrival[], fromMs: number, seconds: number): readonly number[] {
  const counts = Array.from({ length: Math.ceil(seconds) }, () => 0);
  for (const { dueMs } of arrivals) {
    const place = Math.floor((dueMs - fromMs) / 1_000);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}
