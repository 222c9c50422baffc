import { DAY_MS } from '../../../platform/kernel/durations.ts';

/** YYYY-MM-DD of a day that a calendar has. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const atMs = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(text);
}

/** Returns the number of days from `from` to `to`, both included; undefined when one is not a day or they are not in order. */
export function countDays(from: string, to: string): number | undefined {
  if (!isDay(from) || !isDay(to) || to < from) return undefined;
  return (Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS + 1;
}
