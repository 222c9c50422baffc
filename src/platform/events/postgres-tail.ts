import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { commandLine } from '../kernel/command-line.ts';
import { StartError } from '../kernel/start-error.ts';
import { openSession } from '../postgres/session.ts';
import { isRelayed } from './relay-lock.ts';
import { TAIL_CHANNEL, type TailMessage, WIRE_TAP_CHANNEL, WIRE_TAP_OPEN_MS } from './wire-tap.ts';

const RESPONSE_TIMEOUT_MS = 10_000;

export interface TailOptions {
  readonly url: string;
  readonly show: (shown: TailMessage) => void;
  /** Called once, when every event from now on will be shown. */
  readonly ready: () => void;
  readonly signal: AbortSignal;
}

/**
 * Shows what the relay of this database publishes, until the signal.
 * @throws StartError when no node relays it, or the database cannot be reached
 */
export async function postgresTail({ url, show, ready, signal }: TailOptions): Promise<void> {
  let client: pg.Client | undefined;
  try {
    client = await openSession(url, { name: 'stampede-tail', responseTimeoutMs: RESPONSE_TIMEOUT_MS });
    client.on('notification', ({ payload = '' }) => show(JSON.parse(payload) as TailMessage));
    await client.query(`listen ${TAIL_CHANNEL}`);
    for (let turn = 0; !signal.aborted; turn++) {
      if (!(await isRelayed(client))) {
        throw new StartError(
          `No server publishes events of this database. Start one in another terminal: ${commandLine('serve')}`,
        );
      }
      await client.query(`notify ${WIRE_TAP_CHANNEL}`);
      if (turn === 0) ready();
      await sleep(WIRE_TAP_OPEN_MS / 2, undefined, { signal }).catch(() => undefined);
    }
  } catch (error) {
    if (error instanceof StartError || signal.aborted) throw error;
    throw new StartError(
      `The database of this system cannot be reached: ${String(error)}. Is the server still running?`,
      {
        cause: error,
      },
    );
  } finally {
    await client?.end().catch(() => undefined);
  }
}
