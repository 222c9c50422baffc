/** The longest Idempotency-Key of a request, in characters. */
export const IDEMPOTENCY_KEY_MAX = 255;
/** The longest key that the order and point contexts store: an Idempotency-Key with its owner as a prefix. */
export const OWNED_KEY_MAX = 400;
