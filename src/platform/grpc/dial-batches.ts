import { type Client, type ClientDuplexStream, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import Denque from 'denque';
import type {
  Call,
  ExecuteRequest,
  ExecuteResponse,
  Failure,
  Outcome,
} from '../../gen/wire/stampede/calls/v1/calls.ts';
import { decodeOutcomes, EXECUTE, MESSAGE_CALLS_MAX, REQUESTS_BYTES_MAX, roomOfMessage } from './batch-contract.ts';
import { currentCall } from './call-context.ts';
import { serviceError, toTrailers } from './failures.ts';

/** Messages that are on their way into the connection. Calls that arrive meanwhile are collected for the next one. */
const WRITES_MAX = 2;
/** What a message adds to a call of the largest size. */
const OVERHEAD_BYTES = 4_096;

export interface BatchedCall {
  readonly path: string;
  /** Encoded. */
  readonly request: Uint8Array;
  /** What names the principal in the request. */
  readonly principalToken: string | undefined;
}

export interface BatchedCalls {
  /**
   * Makes a unary call as a part of a message with others. Resolves with the encoded response. Rejects as a unary call does: with the
   * status of the call, with UNAVAILABLE when the stream is lost before the outcome is known, with DEADLINE_EXCEEDED at `deadlineMs`
   * (Unix ms), and with UNIMPLEMENTED when the service takes no such messages; then no call was executed.
   */
  call(call: BatchedCall, deadlineMs: number): Promise<Uint8Array>;
  /** Ends the stream when its calls have ended. */
  close(): void;
}

interface Entry extends BatchedCall {
  readonly deadlineMs: number;
  readonly requestId: string | undefined;
  readonly traceparent: string | undefined;
  readonly resolve: (response: Uint8Array) => void;
  readonly reject: (error: ServiceError) => void;
  timer: NodeJS.Timeout | undefined;
  hasEnded: boolean;
}

interface OpenStream {
  readonly stream: ClientDuplexStream<ExecuteRequest, ExecuteResponse>;
  readonly open: Map<number, Entry>;
  /** Messages that are not written yet. */
  writes: number;
}

/**
 * Collects the unary calls of one caller to one service: those of a turn of the event loop, and more while earlier messages cannot be
 * written. There is no timer. Outcomes arrive one by one, so that a slow call holds up no other. `token` names the caller; `onMessage` gets
 * the number of calls of each message.
 */
export function batchedCalls(
  client: Client,
  token: () => string,
  onMessage: (calls: number) => void = () => {},
): BatchedCalls {
  const waiting = new Denque<Entry>();
  let current: OpenStream | undefined;
  let lastId = 0;
  let scheduled = false;

  const isBlocked = (): boolean => current !== undefined && current.writes >= WRITES_MAX;

  function schedule(): void {
    if (scheduled || isBlocked() || waiting.isEmpty()) return;
    scheduled = true;
    setImmediate(send);
  }

  function send(): void {
    scheduled = false;
    while (!isBlocked()) {
      const entries = nextMessage();
      if (entries.length === 0) return;
      write(entries);
    }
  }

  function nextMessage(): readonly Entry[] {
    const entries: Entry[] = [];
    const room = roomOfMessage(MESSAGE_CALLS_MAX);
    for (let entry = waiting.peekFront(); entry !== undefined; entry = waiting.peekFront()) {
      if (!entry.hasEnded) {
        if (!room.take(entry.request.length)) break;
        entries.push(entry);
      }
      waiting.shift();
    }
    return entries;
  }

  function write(entries: readonly Entry[]): void {
    const to = current ?? openStream();
    current = to;
    const methods: string[] = [];
    const nowMs = Date.now();
    const calls = entries.map((entry): Call => {
      lastId = (lastId + 1) >>> 0;
      to.open.set(lastId, entry);
      let method = methods.indexOf(entry.path);
      if (method < 0) method = methods.push(entry.path) - 1;
      const { request, requestId, traceparent, principalToken } = entry;
      const timeoutMs = Math.max(1, entry.deadlineMs - nowMs);
      return { id: lastId, method, request, requestId, traceparent, principalToken, timeoutMs };
    });
    onMessage(calls.length);
    to.writes += 1;
    to.stream.write({ token: token(), methods, calls }, () => {
      to.writes -= 1;
      schedule();
    });
  }

  function openStream(): OpenStream {
    const open = new Map<number, Entry>();
    // A call stays open until its outcome is received, also when its caller has given up: a service has no more outcomes than that.
    const decode = (bytes: Buffer): ExecuteResponse => decodeOutcomes(bytes, open.size);
    const stream = client.makeBidiStreamRequest(EXECUTE.path, EXECUTE.requestSerialize, decode);
    const opened: OpenStream = { stream, open, writes: 0 };
    const leave = (): void => {
      if (current !== opened) return;
      current = undefined;
      schedule();
    };
    const lose = (error: ServiceError): void => {
      leave();
      for (const entry of opened.open.values()) end(entry, () => entry.reject(error));
      opened.open.clear();
    };
    stream.on('data', ({ outcomes, draining }: ExecuteResponse) => {
      for (const outcome of outcomes) {
        const entry = opened.open.get(outcome.id);
        opened.open.delete(outcome.id);
        if (entry !== undefined) end(entry, () => settle(entry, outcome));
      }
      if (!draining) return;
      leave();
      stream.end();
    });
    // What the stream failed with says nothing about its calls, except that the service has no such stream.
    stream.on('error', (error: ServiceError) =>
      lose(error.code === status.UNIMPLEMENTED ? error : serviceError(status.UNAVAILABLE, error.details)),
    );
    stream.on('end', () => lose(serviceError(status.UNAVAILABLE, 'the stream of calls ended')));
    return opened;
  }

  function end(entry: Entry, settleEntry: () => void): void {
    if (entry.hasEnded) return;
    entry.hasEnded = true;
    clearTimeout(entry.timer);
    settleEntry();
  }

  return {
    call(call, deadlineMs) {
      const { request } = call;
      if (request.length > REQUESTS_BYTES_MAX - OVERHEAD_BYTES) {
        return Promise.reject(serviceError(status.RESOURCE_EXHAUSTED, `a request of ${request.length} bytes`));
      }
      const { requestId, traceparent } = currentCall() ?? {};
      return new Promise((resolve, reject) => {
        const timing = { timer: undefined, hasEnded: false };
        const entry: Entry = { ...call, deadlineMs, requestId, traceparent, resolve, reject, ...timing };
        entry.timer = setTimeout(
          () => end(entry, () => reject(serviceError(status.DEADLINE_EXCEEDED, 'no outcome in time'))),
          Math.max(1, deadlineMs - Date.now()),
        );
        waiting.push(entry);
        schedule();
      });
    },
    close() {
      current?.stream.end();
      current = undefined;
    },
  };
}

function settle({ resolve, reject }: Entry, { result }: Outcome): void {
  if (result?.$case === 'response') resolve(result.value);
  else reject(errorOf(result?.value));
}

function errorOf(failure: Failure | undefined): ServiceError {
  if (failure === undefined) return serviceError(status.INTERNAL, 'an outcome without a result');
  const { code, details, reason, retryAfter } = failure;
  return serviceError(code, details, reason === undefined ? new Metadata() : toTrailers(reason, retryAfter));
}
