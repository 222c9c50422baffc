import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { StartError } from '../kernel/start-error.ts';
import { openSession } from '../postgres/session.ts';
import { isRelayed } from './relay-lock.ts';
import { SHOWN_CHANNEL, type Shown, TAP_CHANNEL, TAP_OPEN_MS } from './tap.ts';

const ANSWER_MS = 10_000;

export interface TailOptions {
  readonly url: string;
  readonly show: (shown: Shown) => void;
  /** Called once, when nothing that comes from now on is missed. */
  readonly ready: () => void;
  readonly signal: AbortSignal;
}

/**
 * Shows what the relay of this database publishes, until the signal.
 * @throws StartError when nobody relays it, or the database is not there
 */
export async function postgresTail({ url, show, ready, signal }: TailOptions): Promise<void> {
  let client: pg.Client | undefined;
  try {
    client = await openSession(url, { name: 'stampede-tail', answerMs: ANSWER_MS });
    client.on('notification', ({ payload = '' }) => show(JSON.parse(payload) as Shown));
    await client.query(`listen ${SHOWN_CHANNEL}`);
    for (let turn = 0; !signal.aborted; turn++) {
      if (!(await isRelayed(client))) {
        throw new StartError('No server publishes events of this database. Start one in another terminal: npm start');
      }
      await client.query(`notify ${TAP_CHANNEL}`);
      if (turn === 0) ready();
      await sleep(TAP_OPEN_MS / 2, undefined, { signal }).catch(() => undefined);
    }
  } catch (error) {
    if (error instanceof StartError || signal.aborted) throw error;
    throw new StartError(`The database of this system does not answer: ${String(error)}. Does the server still run?`, {
      cause: error,
    });
  } finally {
    await client?.end().catch(() => undefined);
  }
}
