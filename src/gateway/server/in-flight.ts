import type { ServerResponse } from 'node:http';
import { QUEUE_AGE_MAX_MS } from '../../platform/batching/batcher.ts';
import type { HandledRequest } from '../../platform/http/admission.ts';

declare module 'node:http' {
  interface ServerResponse {
    /** How the request counts as in flight. */
    handledRequest?: HandledRequest;
  }
}

/** Counts a request as in flight until its response is written. Call when its body has been read. */
export function countInFlight(response: ServerResponse, handled: HandledRequest): void {
  response.handledRequest = handled;
  // Its client may read the response slowly or not at all: that keeps the socket busy, not the node.
  response.on('prefinish', leave);
  response.on('close', leaveAfterClose);
}

// Functions that are shared by all responses, and `on`: `once` makes two objects for each request.
function leave(this: ServerResponse): void {
  this.handledRequest?.leave();
}

function leaveAfterClose(this: ServerResponse): void {
  if (this.writableEnded) this.handledRequest?.leave();
  else leaveWhenHandled(this);
}

/**
 * Of a client that went away: its command may be queued all the same, and delays those behind it. Without this, clients that give up
 * soon would fill the queue with commands that no limit counts.
 */
function leaveWhenHandled(response: ServerResponse): void {
  const timer = setTimeout(() => response.handledRequest?.leave(), QUEUE_AGE_MAX_MS).unref();
  const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse;
  response.end = (...args: unknown[]) => {
    clearTimeout(timer);
    response.handledRequest?.leave();
    return end(...args);
  };
}
