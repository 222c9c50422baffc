// The longest texts of payment events, in UTF-16 units.

export const PAYMENT_ID_MAX = 100;
export const ORDER_ID_MAX = 100;
export const RESERVATION_ID_MAX = 50;
export const REASON_MAX = 1_000;
