/** The longest texts that callers may supply, in UTF-16 units. */
export const RESERVATION_ID_MAX = 50;
export const ORDER_ID_MAX = 100;
export const REASON_MAX = 500;
