/** W3C Trace Context, version 00. */
export interface Traceparent {
  readonly header: string;
  readonly traceId: string;
}
const SHAPE = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** Undefined for anything else, all-zero ids included: the specification asks to ignore those. */
export function readTraceparent(header: string | readonly string[] | undefined): Traceparent | undefined {
  if (typeof header !== 'string') return undefined;
  const [, traceId, spanId] = SHAPE.exec(header) ?? [];
  if (traceId === undefined || spanId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { header, traceId };
}
