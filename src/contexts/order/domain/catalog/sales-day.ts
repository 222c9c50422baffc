import { localHour } from '../../../../platform/kernel/time-zone.ts';

/** The calendar day, YYYY-MM-DD in Asia/Seoul, to which a payment at this time belongs. */
export const salesDay = (atMs: number): string => localHour('Asia/Seoul', atMs).day;
