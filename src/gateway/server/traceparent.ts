/** W3C Trace Context, version 00. */
export interface Traceparent {
  readonly header: string;
  readonly traceId: string;
}
const SHAPE = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** Returns undefined for anything else, including all-zero ids, which the specification says to ignore. */
export function readTraceparent(header: string | readonly string[] | undefined): Traceparent | undefined {
  if (typeof header !== 'string') return undefined;
  const [, traceId, spanId] = SHAPE.exec(header) ?? [];
  if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { header, traceId };
}
