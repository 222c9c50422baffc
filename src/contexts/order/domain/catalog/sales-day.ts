import { shopTimeZone } from '../../../../platform/kernel/shop.ts';
import { localHour } from '../../../../platform/kernel/time-zone.ts';

/** The calendar day, YYYY-MM-DD in the shop's time zone, to which a payment at this time belongs. */
export const salesDay = (atMs: number): string => localHour(shopTimeZone(), atMs).day;
