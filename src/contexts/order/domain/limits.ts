export const LINES_MAX = 50;
export const QUANTITY_MAX = 1_000;
export const PRICE_MAX = 1_000_000_000n;
/** Units of one product that were ever added. */
export const SUPPLIED_MAX = 1_000_000_000;
/** Units of one time sale that one user may have. */
export const LIMIT_PER_USER_MAX = 1_000;
/** Products in a list of the most sold ones, and the days over which it may count them. */
export const POPULAR_MAX = 100;
export const POPULAR_DAYS_MAX = 365;
/** Far above any order: 50 lines of 1,000 units at 1,000,000,000. */
export const MONEY_MAX = 1_000_000_000_000_000n;

/** The longest texts that callers may supply, in UTF-16 units. */
export const REASON_MAX = 500;
export const PRODUCT_NAME_MAX = 200;
export const PRODUCT_DESCRIPTION_MAX = 2_000;
