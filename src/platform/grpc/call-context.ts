import { AsyncLocalStorage } from 'node:async_hooks';

/** What a request takes along from process to process. */
export interface CallContext {
  readonly requestId: string;
  /** The header of W3C Trace Context. */
  readonly traceparent?: string | undefined;
  /** By which the gateway named the principal of the call. It is passed on to other services that are asked for the same principal. */
  readonly principalToken?: string | undefined;
  /** Unix ms by this node's clock: the caller has given up after that. Absent: no limit was given. */
  readonly deadlineMs?: number | undefined;
}

const contexts = new AsyncLocalStorage<CallContext>();

/** Runs `work` with everything it calls, also later, as a part of the request. */
export const runInCall = <Result>(context: CallContext, work: () => Result): Result => contexts.run(context, work);

/** Undefined outside of a request, such as in a scheduled task. */
export const currentCall = (): CallContext | undefined => contexts.getStore();
