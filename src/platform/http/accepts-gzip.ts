/** Whether a client that sends this Accept-Encoding takes gzip: it names it, with a weight above 0 or without one. */
export const acceptsGzip = (acceptEncoding: string | string[] | undefined): boolean =>
  /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:[,\s]|$))/i.test(String(acceptEncoding ?? ''));
