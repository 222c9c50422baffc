import type { Kernel } from '../kernel.ts';
import type { Result } from './session.ts';
import { execute } from './statements.ts';
import { type Server, serverError, type Transaction } from './transactions.ts';

export interface Query {
  readonly text: string;
  readonly values: readonly unknown[];
}

export type Outcome = { readonly result: Result } | { readonly error: Error };

/** The server's end of a connection. */
export interface Backend {
  /** Runs statements that arrived together, one after the other. */
  run(queries: readonly Query[]): Promise<readonly Outcome[]>;
  /** The client is gone. What has arrived runs to its end all the same; then what is not committed is rolled back. */
  hangUp(): void;
  isClosed(): boolean;
}

const DONE: Omit<Result, 'command'> = { rows: [], rowCount: 0 };

export interface BackendOptions {
  readonly kernel: Kernel;
  readonly server: Server;
  /** A transaction without a statement for this long is ended. */
  readonly idleMs: number;
  /** How likely it gets no CPU for a while. */
  readonly stall: () => number;
  readonly onStall: () => void;
  /** The server ends the session. */
  readonly onClose: () => void;
}

const STALLS_MS = [200, 700, 1_500, 8_000];
/** After its client has gone: often between that client's look-up and its next attempt, which is where a fence matters. */
const STALL_ENDS_MS = [150, 1_500];

export function openBackend({ kernel, server, idleMs, stall, onStall, onClose }: BackendOptions): Backend {
  const { chance, clock } = kernel;
  let transaction: Transaction | undefined;
  let isFailed = false;
  let isClosed = false;
  let isBusy = false;
  let isHungUp = false;
  let wake: (() => void) | undefined;
  let stopIdling = () => {};

  function close(): void {
    isClosed = true;
    if (transaction) server.rollback(transaction);
    transaction = undefined;
  }

  /** Also until shortly after the client has hung up: then its next session meets what this one still does. */
  async function stalled(): Promise<void> {
    onStall();
    const woken = Promise.withResolvers<void>();
    wake = woken.resolve;
    const cancel = kernel.schedule(server.owner, clock() + chance.of(STALLS_MS), wake);
    await woken.promise;
    cancel();
    wake = undefined;
    await kernel.turn(server.owner, '');
  }

  async function end(command: 'COMMIT' | 'ROLLBACK'): Promise<Result> {
    const ended = transaction;
    const wasFailed = isFailed;
    transaction = undefined;
    isFailed = false;
    if (!ended) return { ...DONE, command };
    if (command === 'COMMIT' && !wasFailed) {
      await server.commit(ended);
      return { ...DONE, command };
    }
    server.rollback(ended);
    return { ...DONE, command: 'ROLLBACK' };
  }

  async function runOne({ text, values }: Query): Promise<Result> {
    if (text.startsWith('BEGIN')) {
      transaction ??= server.begin();
      return { ...DONE, command: 'BEGIN' };
    }
    if (text === 'COMMIT' || text === 'ROLLBACK') return await end(text);
    if (isFailed) throw serverError('25P02');
    if (transaction) return await execute({ server, transaction, nowMs: clock }, text, values);
    const own = server.begin();
    try {
      const result = await execute({ server, transaction: own, nowMs: clock }, text, values);
      await server.commit(own);
      return result;
    } catch (error) {
      server.rollback(own);
      throw error;
    }
  }

  return {
    async run(queries) {
      stopIdling();
      isBusy = true;
      const outcomes: Outcome[] = [];
      if (chance.happens(stall())) await stalled();
      for (const query of queries) {
        if (outcomes.length > 0 && chance.happens(chance.of([0.1, 0.5]))) await kernel.turn(server.owner, '');
        if (isClosed) break;
        try {
          outcomes.push({ result: await runOne(query) });
        } catch (error) {
          if (!(error instanceof Error && 'severity' in error)) throw error;
          isFailed = transaction !== undefined;
          outcomes.push({ error });
        }
      }
      isBusy = false;
      if (isHungUp) close();
      if (transaction && !isClosed) {
        stopIdling = kernel.schedule(server.owner, clock() + idleMs, () => {
          kernel.say('postgres', () => 'ends a session that is idle in a transaction');
          close();
          onClose();
        });
      }
      return outcomes;
    },
    hangUp() {
      isHungUp = true;
      if (!isBusy) close();
      if (wake && chance.happens(0.7))
        kernel.schedule(server.owner, clock() + chance.below(chance.of(STALL_ENDS_MS)), wake);
    },
    isClosed: () => isClosed,
  };
}
