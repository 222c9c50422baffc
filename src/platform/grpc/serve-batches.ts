import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { Call, ExecuteRequest, ExecuteResponse, Outcome } from '../../gen/wire/stampede/calls/v1/calls.ts';
import { MESSAGE_CALLS_MAX, roomOfMessage } from './batch-contract.ts';
import type { CallContext } from './call-context.ts';
import { type Status, toFailure } from './failures.ts';
import { CALLS_IN_FLIGHT_MAX, MESSAGE_BYTES_MAX } from './limits.ts';

type Stream = ServerDuplexStream<ExecuteRequest, ExecuteResponse>;

/** How one call of a message is executed. */
export interface BatchedMethod {
  /** Returns why the bearer of the token may not call the method; undefined when it may. */
  denies(token: string, stream: Stream): Status | undefined;
  /** Returns the encoded response. Rejects with what the operation threw. */
  execute(request: Uint8Array, context: CallContext): Promise<Uint8Array>;
  /** Logs what the operation threw, and returns its status. */
  failed(error: unknown, context: CallContext): Status;
}

export interface BatchStreams {
  readonly handle: (stream: Stream) => void;
  /**
   * Asks the clients to make further calls elsewhere. Each stream ends when its client has done so and its calls have ended. Resolves when
   * no stream is left.
   */
  drain(): Promise<void>;
}

/** An outcome above it would not fit into a message. */
const RESPONSE_BYTES_MAX = MESSAGE_BYTES_MAX - 1_024;
/** While more wait to be written, because the client does not read, no further message of its stream is read. */
const WAITING_BYTES_MAX = 8 * 1024 * 1024;
/** What an outcome takes besides its texts, with the object that it is in memory. */
const OUTCOME_BYTES = 64;

/**
 * Executes calls that arrive many in a message. Those of one message begin in the same turn of the event loop, so that a batcher takes them
 * together; outcomes of the same turn leave in one message.
 */
export function batchStreams(
  methodOf: (path: string) => BatchedMethod | undefined,
  contextOf: (call: Call) => CallContext,
): BatchStreams {
  const open = new Set<{ drain(): void }>();
  let isDraining = false;
  const { promise: emptied, resolve: whenEmptied } = Promise.withResolvers<void>();

  function handle(stream: Stream): void {
    const ended: Outcome[] = [];
    let underWay = 0;
    let waitingBytes = 0;
    let isPaused = false;
    let scheduled = false;
    let isBlocked = false;
    let hasEnded = false;
    const self = {
      drain: () => void stream.write({ outcomes: [], draining: true }),
    };

    function endCall(outcome: Outcome): void {
      underWay -= 1;
      ended.push(outcome);
      waitingBytes += sizeOf(outcome);
      if (scheduled || isBlocked) return;
      scheduled = true;
      setImmediate(send);
    }

    function send(): void {
      scheduled = false;
      while (!isBlocked && ended.length > 0) {
        const room = roomOfMessage(MESSAGE_CALLS_MAX);
        const first = ended.findIndex((outcome) => !room.take(sizeOf(outcome)));
        const outcomes = ended.splice(0, first < 0 ? ended.length : first);
        for (const outcome of outcomes) waitingBytes -= sizeOf(outcome);
        isBlocked = !stream.write({ outcomes, draining: false });
      }
      if (isPaused && !isFull()) {
        isPaused = false;
        stream.resume();
      }
      if (hasEnded && underWay === 0 && ended.length === 0) stream.end();
    }

    const isFull = (): boolean => underWay + ended.length >= CALLS_IN_FLIGHT_MAX || waitingBytes >= WAITING_BYTES_MAX;

    function leave(): void {
      open.delete(self);
      if (isDraining && open.size === 0) whenEmptied();
    }

    stream.on('data', ({ token, methods, calls }: ExecuteRequest) => {
      const prepared = prepare(methods, token, stream);
      underWay += calls.length;
      for (const call of calls) {
        const method = prepared[call.method];
        if (method === undefined || 'code' in method) {
          endCall({ id: call.id, result: { $case: 'failure', value: toFailure(method ?? NO_METHOD) } });
        } else {
          void execute(call, method).then(endCall);
        }
      }
      // Backpressure: HTTP/2 then stops the client. Otherwise one that sends and does not read fills the memory.
      if (!isFull()) return;
      isPaused = true;
      stream.pause();
    });
    stream.on('drain', () => {
      isBlocked = false;
      send();
    });
    // The client makes no further calls.
    stream.on('end', () => {
      hasEnded = true;
      send();
    });
    stream.on('error', () => {});
    for (const over of ['cancelled', 'close', 'finish'] as const) stream.on(over, leave);
    open.add(self);
    if (isDraining) self.drain();
  }

  /** A token that is not valid for one method is not valid for the others, so it is checked once for a message. */
  function prepare(paths: readonly string[], token: string, stream: Stream): readonly (BatchedMethod | Status)[] {
    let unauthenticated: Status | undefined;
    return paths.map((path) => {
      const method = methodOf(path);
      if (method === undefined) return NO_METHOD;
      const denial = unauthenticated ?? method.denies(token, stream);
      if (denial?.code === status.UNAUTHENTICATED) unauthenticated = denial;
      return denial ?? method;
    });
  }

  /** Never rejects. */
  async function execute(call: Call, method: BatchedMethod): Promise<Outcome> {
    const context = contextOf(call);
    try {
      const response = await method.execute(call.request, context);
      if (response.length > RESPONSE_BYTES_MAX) {
        const details = `a response of ${response.length} bytes`;
        return { id: call.id, result: { $case: 'failure', value: { code: status.RESOURCE_EXHAUSTED, details } } };
      }
      return { id: call.id, result: { $case: 'response', value: response } };
    } catch (error) {
      return { id: call.id, result: { $case: 'failure', value: toFailure(method.failed(error, context)) } };
    }
  }

  return {
    handle,
    drain() {
      isDraining = true;
      for (const each of open) each.drain();
      if (open.size === 0) whenEmptied();
      return emptied;
    },
  };
}

const NO_METHOD: Status = { code: status.UNIMPLEMENTED, details: 'the service has no such method' };

function sizeOf({ result }: Outcome): number {
  if (result?.$case === 'response') return OUTCOME_BYTES + result.value.length;
  // A character takes three bytes at most.
  return OUTCOME_BYTES + 3 * ((result?.value.details.length ?? 0) + (result?.value.reason?.length ?? 0));
}
