import type { Kernel, Owner } from '../kernel.ts';
import type { Tables } from './tables.ts';

/** A transaction on one server. */
export interface Transaction {
  /** As PostgreSQL assigns it: with the first row that the transaction locks or writes. */
  id: number | undefined;
  /** Locks that it has, and the one that it waits for. */
  readonly locks: Set<string>;
  waitsFor: string | undefined;
  /** Applied at its commit, in their order. */
  readonly writes: ((tables: Tables) => void)[];
  /** Something else than rows was written, so COMMIT waits for the standby. */
  isConfirmed: boolean;
  isOver: boolean;
}

/** One life of a PostgreSQL server: it ends with a crash, and its standby or the same host goes on with another one. */
export interface Server {
  readonly owner: Owner;
  readonly tables: Tables;
  begin(): Transaction;
  /** The id of a transaction that writes. */
  idOf(transaction: Transaction): number;
  /** The highest id of a transaction that has ended. */
  lastEnded(): number;
  /** Of the sequence of the outbox. */
  nextPlace(): number;
  /** Takes the lock of a row or an index entry, after those who waited before. Rejects with the errors of PostgreSQL: deadlock, statement timeout. */
  lock(transaction: Transaction, key: string): Promise<void>;
  /** The same for an advisory lock, which gives no id. */
  lockAdvisory(transaction: Transaction, key: string): Promise<void>;
  /** Resolves when the standby has it. Until then no other transaction sees it, and its locks stay. */
  commit(transaction: Transaction): Promise<void>;
  rollback(transaction: Transaction): void;
  /** The oldest transaction with an id that still runs. */
  horizon(): number;
  /** The process dies. Of the commits that no standby confirmed those before `survive` of them are there afterwards. */
  crash(survive: (unconfirmed: number) => number): void;
}

export const STATEMENT_TIMEOUT_MS = 5_000;

export const serverError = (code: string, constraint?: string): Error =>
  Object.assign(new Error(`PostgreSQL: ${code} ${constraint ?? ''}`), { severity: 'ERROR', code, constraint });

export interface ServerOptions {
  readonly kernel: Kernel;
  readonly name: string;
  readonly tables: Tables;
  readonly firstId: number;
  readonly complain: (problem: string) => void;
  /** Called when a transaction became visible. */
  readonly onCommit: () => void;
}

export function openServer({ kernel, name, tables, firstId, complain, onCommit }: ServerOptions): Server {
  const owner: Owner = { name, status: 'UP' };
  const holders = new Map<string, Transaction>();
  const queues = new Map<string, { readonly transaction: Transaction; readonly grant: () => void }[]>();
  const running = new Set<Transaction>();
  /** In the order of the log. */
  const unconfirmed: Transaction[] = [];
  let lastId = firstId;
  let lastEnded = firstId;
  // As after a crash: PostgreSQL skips what a sequence may have given before it.
  let lastPlace = firstId;

  function release(transaction: Transaction): void {
    transaction.isOver = true;
    running.delete(transaction);
    lastEnded = Math.max(lastEnded, transaction.id ?? 0);
    for (const key of transaction.locks) {
      holders.delete(key);
      const queue = queues.get(key) ?? [];
      let next = queue.shift();
      while (next?.transaction.isOver) next = queue.shift();
      if (next) grant(next.transaction, key, next.grant);
    }
    transaction.locks.clear();
  }

  function grant(transaction: Transaction, key: string, done: () => void): void {
    holders.set(key, transaction);
    transaction.locks.add(key);
    transaction.waitsFor = undefined;
    done();
  }

  function closesCircle(transaction: Transaction, key: string): boolean {
    for (
      let next = holders.get(key);
      next;
      next = next.waitsFor === undefined ? undefined : holders.get(next.waitsFor)
    ) {
      if (next === transaction) return true;
    }
    return false;
  }

  /** It and all before it in the log. */
  function confirm(transaction: Transaction): void {
    for (const each of unconfirmed.splice(0, unconfirmed.indexOf(transaction) + 1)) {
      for (const write of each.writes) write(tables);
      release(each);
    }
    onCommit();
  }

  return {
    owner,
    tables,
    begin() {
      const transaction: Transaction = {
        id: undefined,
        locks: new Set(),
        waitsFor: undefined,
        writes: [],
        isConfirmed: false,
        isOver: false,
      };
      running.add(transaction);
      return transaction;
    },
    idOf,
    lastEnded: () => lastEnded,
    nextPlace() {
      lastPlace += 1;
      return lastPlace;
    },
    async lock(transaction, key) {
      await lock(transaction, key);
      idOf(transaction);
    },
    lockAdvisory: lock,
    async commit(transaction) {
      if (transaction.writes.length === 0 && !transaction.isConfirmed) return release(transaction);
      unconfirmed.push(transaction);
      await kernel.turn(owner, '');
      if (unconfirmed.includes(transaction)) confirm(transaction);
    },
    rollback(transaction) {
      if (!transaction.isOver && !unconfirmed.includes(transaction)) release(transaction);
    },
    horizon: () => Math.min(lastId + 1, ...[...running].map(({ id }) => id ?? Number.POSITIVE_INFINITY)),
    crash(survive) {
      kernel.kill(owner);
      const survivors = unconfirmed.slice(0, survive(unconfirmed.length));
      for (const { writes } of survivors) for (const write of writes) write(tables);
      if (survivors.length > 0) onCommit();
    },
  };

  function idOf(transaction: Transaction): number {
    if (transaction.id === undefined) {
      lastId += 1;
      transaction.id = lastId;
    }
    return transaction.id;
  }

  async function lock(transaction: Transaction, key: string): Promise<void> {
    const holder = holders.get(key);
    if (holder === transaction) return;
    if (!holder) return grant(transaction, key, () => {});
    transaction.waitsFor = key;
    if (closesCircle(transaction, key)) {
      complain(`deadlock on ${key}`);
      throw serverError('40P01');
    }
    await new Promise<void>((resolve, reject) => {
      const queue = queues.get(key) ?? [];
      queues.set(key, queue);
      const giveUp = () => {
        queue.splice(queue.indexOf(waiter), 1);
        transaction.waitsFor = undefined;
        reject(serverError('57014'));
      };
      const cancel = kernel.schedule(owner, kernel.clock() + STATEMENT_TIMEOUT_MS, giveUp);
      const waiter = {
        transaction,
        grant() {
          cancel();
          resolve();
        },
      };
      queue.push(waiter);
    });
    await kernel.turn(owner, '');
    if (transaction.isOver) throw serverError('57P01');
  }
}
