/** Keeps proxies from closing a connection that looks idle. */
export const HEARTBEAT: Buffer = Buffer.from(': still here\n\n');

/**
 * Encodes one server-sent event, once for all streams that get it.
 * @param data sent as JSON, which has no line breaks
 * @param id what a client that reconnects sends as Last-Event-ID
 */
export function eventFrame(name: string, data: object, id?: bigint): Buffer {
  const idLine = id === undefined ? '' : `id: ${id}\n`;
  return Buffer.from(`event: ${name}\n${idLine}data: ${JSON.stringify(data)}\n\n`);
}
