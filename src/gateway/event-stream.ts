import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** Takes a reply out of the framework's hands and begins a stream of server-sent events. Who writes to it ends it. */
export function openEventStream(reply: FastifyReply): ServerResponse {
  reply.hijack();
  // Streams are bounded by themselves. One that is open for hours says nothing about load.
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
