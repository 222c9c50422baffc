import { LRUCache } from 'lru-cache';
import { HOUR_MS } from './durations.ts';

/** Zones change their offset at quarter hours, and every offset is a whole number of quarter hours. */
export const QUARTER_MS = 900_000;
/** A look-up costs 10 to 40 us. Coupons that are issued at the same time, and counts of thousands of facts, need the same few quarters. */
const CACHED_MAX = 10_000;
const offsets = new LRUCache<string, number>({ max: CACHED_MAX });
/** A format has 29 KiB, and a zone as many spellings as clients care to send. */
const formats = new LRUCache<string, Intl.DateTimeFormat>({ max: 200 });

/** How far local time is ahead of UTC at an instant, in ms. Throws RangeError for a zone that does not exist. */
export function zoneOffset(timezone: string, atMs: number): number {
  const quarter = Math.floor(atMs / QUARTER_MS);
  const key = `${quarter} ${timezone}`;
  let offsetMs = offsets.get(key);
  if (offsetMs === undefined) {
    offsetMs = lookUpOffset(timezone, quarter * QUARTER_MS);
    offsets.set(key, offsetMs);
  }
  return offsetMs;
}

/** Is it an IANA time zone that exists, in whatever spelling? */
export const isZone = (name: string): boolean => canonicalZone(name) !== undefined;

/** The one spelling of a time zone: `asia/SEOUL` is Asia/Seoul. Undefined for a zone that does not exist. */
export function canonicalZone(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

function lookUpOffset(timezone: string, atMs: number): number {
  let format = formats.get(timezone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', { timeZone: timezone, timeZoneName: 'longOffset' });
    formats.set(timezone, format);
  }
  const name = format.formatToParts(atMs).find((part) => part.type === 'timeZoneName')?.value ?? '';
  const match = /([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name);
  if (!match) return 0;
  const [, sign, hours, minutes, seconds = '0'] = match;
  const ms = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
  return sign === '-' ? -ms : ms;
}

/** An hour of a calendar day in a time zone. */
export interface LocalHour {
  /** YYYY-MM-DD. */
  readonly day: string;
  /** 0 to 23. */
  readonly hour: number;
  /** When it began. The hour that repeats when daylight saving time ends is two hours, which differ here. */
  readonly startsAtMs: number;
}

const localHours = new LRUCache<string, LocalHour>({ max: CACHED_MAX });

/** Returns the local hour of an instant. Throws RangeError for a zone that does not exist. */
export function localHour(timezone: string, atMs: number): LocalHour {
  const quarter = Math.floor(atMs / QUARTER_MS);
  const key = `${quarter} ${timezone}`;
  let found = localHours.get(key);
  if (!found) {
    found = lookUp(timezone, quarter * QUARTER_MS);
    localHours.set(key, found);
  }
  return found;
}

function lookUp(timezone: string, atMs: number): LocalHour {
  const offsetMs = zoneOffset(timezone, atMs);
  const local = Math.floor((atMs + offsetMs) / HOUR_MS) * HOUR_MS;
  const text = new Date(local).toISOString();
  return { day: text.slice(0, 10), hour: Number(text.slice(11, 13)), startsAtMs: local - offsetMs };
}
