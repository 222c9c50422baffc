/** The longest Idempotency-Key of a request, in characters. */
export const IDEMPOTENCY_KEY_MAX = 255;
/** Printable ASCII. */
export const IDEMPOTENCY_KEY = new RegExp(`^[\\x20-\\x7e]{1,${IDEMPOTENCY_KEY_MAX}}$`);
/** The longest key that the order and point contexts store: an Idempotency-Key with its owner as a prefix. */
export const OWNED_KEY_MAX = 400;
