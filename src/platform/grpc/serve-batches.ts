import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { Call, ExecuteRequest, ExecuteResponse, Outcome } from '../../gen/wire/stampede/calls/v1/calls.ts';
import { roomOfMessage } from './batch-contract.ts';
import type { CallContext } from './call-context.ts';
import { type Status, toFailure } from './failures.ts';
import { MESSAGE_BYTES_MAX } from './limits.ts';

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
  /** Asks the clients to make further calls elsewhere. Each stream ends when its client has done so and its calls have ended. */
  drain(): void;
}

/** An outcome above it would not fit into a message. */
const RESPONSE_BYTES_MAX = MESSAGE_BYTES_MAX - 1_024;

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

  function handle(stream: Stream): void {
    const ended: Outcome[] = [];
    let underWay = 0;
    let scheduled = false;
    let isBlocked = false;
    let hasEnded = false;
    const self = {
      drain: () => void stream.write({ outcomes: [], draining: true }),
    };

    function endCall(outcome: Outcome): void {
      underWay -= 1;
      ended.push(outcome);
      if (scheduled || isBlocked) return;
      scheduled = true;
      setImmediate(send);
    }

    function send(): void {
      scheduled = false;
      while (!isBlocked && ended.length > 0) {
        const room = roomOfMessage(Number.POSITIVE_INFINITY);
        const first = ended.findIndex(({ result }) => !room.take(sizeOf(result)));
        const outcomes = ended.splice(0, first < 0 ? ended.length : first);
        isBlocked = !stream.write({ outcomes, draining: false });
      }
      if (hasEnded && underWay === 0 && ended.length === 0) stream.end();
    }

    stream.on('data', ({ token, methods, calls }: ExecuteRequest) => {
      const prepared = methods.map((path) => prepare(path, token, stream));
      underWay += calls.length;
      for (const call of calls) {
        const method = prepared[call.method];
        if (method === undefined || 'code' in method) {
          endCall({ id: call.id, result: { $case: 'failure', value: toFailure(method ?? NO_METHOD) } });
        } else {
          void execute(call, method).then(endCall);
        }
      }
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
    stream.on('cancelled', () => open.delete(self));
    stream.on('close', () => open.delete(self));
    open.add(self);
    if (isDraining) self.drain();
  }

  function prepare(path: string, token: string, stream: Stream): BatchedMethod | Status {
    const method = methodOf(path);
    return method === undefined ? NO_METHOD : (method.denies(token, stream) ?? method);
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
    },
  };
}

const NO_METHOD: Status = { code: status.UNIMPLEMENTED, details: 'the service has no such method' };

const sizeOf = (result: Outcome['result']): number => (result?.$case === 'response' ? result.value.length : 0);
