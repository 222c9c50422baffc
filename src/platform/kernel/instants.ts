/** The years 1970 to 9999 in UTC: RFC 3339 has four digits for a year, and nothing here was before computers. */
const FIRST_MS = 0;
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Whether a moment can be given by a client. False for an invalid date. */
export const isAcceptedInstant = (date: Date): boolean => date.getTime() >= FIRST_MS && date.getTime() <= LAST_MS;
