/** Far above any balance, and low enough that the sum of millions of amounts is below 2^63. */
export const AMOUNT_MAX = 1_000_000_000_000n;

/** The longest texts that callers may supply, in UTF-16 units. */
export const ORDER_ID_MAX = 100;
export const REASON_MAX = 500;
