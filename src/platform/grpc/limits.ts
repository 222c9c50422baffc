/** The largest message, in bytes. A request is at most as large as the body of an HTTP request; the largest page of a list is below 1 MB. */
export const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
/** A connection without traffic is probed after this time, and given up when the probe has no response in time. */
export const KEEPALIVE_MS = 2_000;
export const KEEPALIVE_TIMEOUT_MS = 2_000;
