import type pg from 'pg';
import { openSession } from '../../../../platform/postgres/session.ts';
import type { InboxListener, InboxSignal } from '../../application/ports.ts';

const CHANNEL = 'stampede_inboxes';
/** What is called within this time is one statement: 500 changes a second are 50 statements instead. */
const GROUP_MS = 20;
/** A notification has at most 8,000 bytes; an id is 13 characters at most in base 36, and has a separator. */
const IDS_MAX = 500;
const RETRY_MS = 1_000;
/** A server that was lost is noticed by a statement every so often. */
const PROBE_MS = 10_000;
const RESPONSE_TIMEOUT_MS = 5_000;

/**
 * Outside of the transactions that change inboxes: NOTIFY within one holds a lock of the whole cluster until its commit is on disk, so that users who read
 * their notices would wait for each other.
 */
const NOTIFY = `select pg_notify('${CHANNEL}', ids) from unnest($1::text[]) as p(ids)`;

export interface PostgresSignalDeps {
  /** A pool with sessions of its own, or by way of a pooler. */
  readonly pool: pg.Pool;
  /** For LISTEN, which no pooler passes on. */
  readonly url: string;
  readonly onError: (error: unknown) => void;
}

/** LISTEN and NOTIFY. A process without subscribers has no session for it. */
export function postgresInboxSignal(deps: PostgresSignalDeps): InboxSignal & { stop(): Promise<void> } {
  const { pool, url, onError } = deps;
  const listeners = new Set<InboxListener>();
  const changed = new Set<bigint>();
  let timer: NodeJS.Timeout | undefined;
  let listening: { stop(): Promise<void> } | undefined;
  const notifyAll = (userIds: readonly bigint[]): void => {
    for (const listener of listeners) listener(userIds);
  };

  async function flush(): Promise<void> {
    timer = undefined;
    const ids = [...changed];
    changed.clear();
    try {
      await pool.query({ name: 'notice-signal', text: NOTIFY, values: [payloadsOf(ids)] });
    } catch (error) {
      onError(error);
      // Without this they would be as late as the next read of all open inboxes.
      for (const id of ids) changed.add(id);
      timer ??= setTimeout(() => void flush(), RETRY_MS).unref();
    }
  }

  return {
    notify(userIds) {
      for (const id of userIds) changed.add(id);
      if (changed.size > 0) timer ??= setTimeout(() => void flush(), GROUP_MS);
    },
    subscribe(listener) {
      listeners.add(listener);
      if (listening === undefined) listening = listen(url, notifyAll, onError);
      else listener([]);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        void listening?.stop();
        listening = undefined;
      };
    },
    async stop() {
      clearTimeout(timer);
      if (changed.size > 0) await flush();
      // That of a flush that failed.
      clearTimeout(timer);
      await listening?.stop();
      listening = undefined;
    },
  };
}

/** Listens until it is stopped, with a new session after a lost one. Calls `notifyAll` with no users when changes may have been missed. */
function listen(url: string, notifyAll: InboxListener, onError: (error: unknown) => void): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = run();

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await listenOnce().catch((error) => {
        if (!stopping.signal.aborted) onError(error);
      });
      if (!stopping.signal.aborted) await pause(RETRY_MS);
    }
  }

  async function listenOnce(): Promise<void> {
    const session = await openSession(url, { name: 'stampede-inboxes', responseTimeoutMs: RESPONSE_TIMEOUT_MS });
    try {
      const lost = new Promise<never>((_, reject) => {
        session.once('error', reject);
        session.once('end', () => reject(new Error('the session that listens to changes of inboxes ended')));
      });
      lost.catch(() => undefined);
      session.on('notification', ({ payload = '' }) => notifyAll(idsOf(payload)));
      await session.query(`listen ${CHANNEL}`);
      notifyAll([]);
      while (!stopping.signal.aborted) {
        await Promise.race([lost, pause(PROBE_MS)]);
        if (!stopping.signal.aborted) await session.query('select');
      }
    } finally {
      await session.end().catch(() => undefined);
    }
  }

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timeout);
        stopping.signal.removeEventListener('abort', done);
        resolve();
      };
      const timeout = setTimeout(done, ms);
      stopping.signal.addEventListener('abort', done);
    });

  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function payloadsOf(ids: readonly bigint[]): string[] {
  const payloads: string[] = [];
  for (let at = 0; at < ids.length; at += IDS_MAX) {
    payloads.push(
      ids
        .slice(at, at + IDS_MAX)
        .map((id) => id.toString(36))
        .join(' '),
    );
  }
  return payloads;
}

const idsOf = (payload: string): bigint[] => payload.split(' ').map(fromBase36);

function fromBase36(text: string): bigint {
  let id = 0n;
  for (const digit of text) id = id * 36n + BigInt(Number.parseInt(digit, 36));
  return id;
}
