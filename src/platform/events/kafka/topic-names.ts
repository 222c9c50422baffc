/** The suffix of a dead letter topic. It has one partition, because operators read it. */
export const DEAD_LETTER_SUFFIX = '.DLQ';
