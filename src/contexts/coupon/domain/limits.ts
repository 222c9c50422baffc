/** The longest validity of a coupon after its issue. */
export const VALID_DAYS_MAX = 3_650;
/** Coupons of one policy. */
export const COUNT_MAX = 2_000_000_000;
/** Coupons of one policy that one user may have. */
export const PER_USER_MAX = 100;

/** Lines of a cart. */
export const CART_LINES_MAX = 100;
/** Coupons and codes that a quote may name. */
export const QUOTED_IDS_MAX = 100;
export const QUOTED_CODES_MAX = 5;

/** The longest texts that callers may supply, in UTF-16 units. */
export const RESERVATION_ID_MAX = 50;
export const ORDER_ID_MAX = 100;
export const REASON_MAX = 500;
