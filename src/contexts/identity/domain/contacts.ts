/** Ids in one request for contacts. Callers with more send several requests. */
export const CONTACTS_MAX = 1_000;
