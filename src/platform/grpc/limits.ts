/**
 * The largest message, in bytes: an image of 5 MiB (image-upload.ts compares) with what belongs to it. Bodies of JSON and pages of lists are
 * below 1 MB.
 */
export const MESSAGE_BYTES_MAX = 6 * 1024 * 1024;
/**
 * Calls of one process to one context that may be in flight: each costs memory in both processes while the context keeps it waiting. A stream
 * of calls is not read further while its service has as many of them.
 */
export const CALLS_IN_FLIGHT_MAX = 2_048;
/** Streams of one connection, a unary call being one, with room for those that carry many calls, facts and health checks. */
export const STREAMS_MAX = CALLS_IN_FLIGHT_MAX + 128;
/** Instances of one context to which a process connects. */
export const INSTANCES_MAX = 100;
/** A connection without traffic is probed after this time, and given up when the probe has no response in time. */
export const KEEPALIVE_MS = 2_000;
export const KEEPALIVE_TIMEOUT_MS = 2_000;
