import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** Detaches a reply from the framework and starts a stream of server-sent events. The writer ends it. */
export function openEventStream(reply: FastifyReply): ServerResponse {
  reply.hijack();
  // Streams have their own limit, and one that is open for hours is no measure of load.
  reply.raw.handledRequest?.leave();
  return reply.raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // When the stream ends the connection does: a node that drains waits for none.
    connection: 'close',
    // Proxies that buffer would hold events back.
    'x-accel-buffering': 'no',
  });
}
