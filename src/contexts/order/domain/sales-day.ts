import { localHour } from '../../../platform/kernel/time-zone.ts';

/** The calendar day, YYYY-MM-DD in Asia/Seoul, for which what is paid at this instant counts. */
export const salesDay = (atMs: number): string => localHour('Asia/Seoul', atMs).day;
