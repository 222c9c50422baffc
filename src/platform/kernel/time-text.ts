import { LRUCache } from 'lru-cache';

/** A format has some 30 KiB, and users choose among hundreds of zones. */
const formats = new LRUCache<string, Intl.DateTimeFormat>({ max: 200 });

/** Writes an instant as a day and time of a time zone. `locale`: a BCP 47 tag. Throws RangeError for a zone that does not exist. */
export function timeText(locale: string, timeZone: string, at: Date): string {
  const key = `${locale} ${timeZone}`;
  const format =
    formats.get(key) ?? new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'medium', timeStyle: 'short' });
  formats.set(key, format);
  return format.format(at);
}
