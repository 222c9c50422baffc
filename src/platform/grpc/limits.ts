/**
 * The largest message, in bytes: an image of 5 MiB (image-upload.ts compares) with what belongs to it. Bodies of JSON and pages of lists are
 * below 1 MB.
 */
export const MESSAGE_BYTES_MAX = 6 * 1024 * 1024;
/** A connection without traffic is probed after this time, and given up when the probe has no response in time. */
export const KEEPALIVE_MS = 2_000;
export const KEEPALIVE_TIMEOUT_MS = 2_000;
