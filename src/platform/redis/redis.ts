import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { withTimeout } from '../kernel/timeout.ts';
import { type Outage, outageLog } from '../telemetry/outage-log.ts';
import { circuit } from './circuit.ts';
import { type ConnectOptions, connect, type RedisConnection, type ScriptCall } from './connect.ts';
import { type CommandOutcome, redisMetrics } from './redis-metrics.ts';
import type { Script } from './script.ts';

/** A request does not wait longer for Redis. */
export const COMMAND_MS = 10;
/** Commands in flight over all callers. */
const IN_FLIGHT_MAX = 1_000;
const CONNECT_MS = 3_000;
const RECONNECT_MS = 500;
/** A connection is asked this often for a sign of life, and replaced without one. */
const HEARTBEAT_MS = 1_000;

/** A Redis that may be away at any time: the caller always goes on without it. */
export interface Redis {
  /**
   * Runs a script. Resolves with undefined when Redis gave no result within `withinMs` (default 10), failed, or rests after time-outs. Never rejects. A
   * script without a result may have had its effect, or have it later.
   */
  run(script: Script, keys: readonly string[], args: readonly string[], withinMs?: number): Promise<unknown>;
  /** Rejects while Redis does not respond, by the last signs of life: it takes no time, so that a frozen Redis does not delay a readiness check. */
  check(): Promise<void>;
  close(): void;
}

export interface RedisDeps extends Omit<ConnectOptions, 'onError'> {
  /** Stands before every key. */
  readonly prefix: string;
  readonly metrics: Registry;
  readonly log: Logger;
}

/** Connects in the background, again after every failure. */
export function openRedis({ prefix, metrics, log, ...options }: RedisDeps): Redis {
  const guard = circuit(() => performance.now());
  const closing = new AbortController();
  let connection: RedisConnection | undefined;
  let inFlight = 0;
  /** Did all servers respond to the last ping? */
  let isComplete = false;
  const observed = redisMetrics(metrics, () => connection !== undefined && !guard.isOpen());
  const outage = outageLog({
    log,
    message: 'Redis is away; this node works without it',
    over: 'Redis is back',
  });
  function report(error: unknown): void {
    if (!closing.signal.aborted) outage.failed(error);
  }

  const refusals = new Map<string, Outage>();
  /** Reports what Redis refuses, such as NOPERM and OOM. Such a command is as if Redis were away, and its connection is not. */
  function reportFailure(error: unknown): void {
    const kind = kindOf(error);
    if (kind === '') return;
    const known = refusals.get(kind);
    const refusal = known ?? outageLog({ log, message: 'Redis refuses commands; this node goes on without it' });
    if (known === undefined) refusals.set(kind, refusal);
    refusal.failed(error);
  }

  const pause = (ms: number) => sleep(ms, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);

  /** Ends the connections that there are, or are being made. */
  const live = new Set<() => void>();
  function drop(abandon: () => void): void {
    live.delete(abandon);
    abandon();
  }

  /** Makes a new connection. The present one is used until then. */
  let onDemotion = (): void => {};
  async function keepConnected(): Promise<void> {
    while (!closing.signal.aborted) {
      const attempt = connect({ ...options, onError: report });
      live.add(attempt.abandon);
      let opened: RedisConnection | undefined;
      try {
        opened = await withTimeout(attempt.connected, CONNECT_MS, () => new Error('Redis did not respond in time'));
        for (const abandon of live) if (abandon !== attempt.abandon) drop(abandon);
        connection = opened;
        const isDemoted = Promise.withResolvers<void>();
        onDemotion = isDemoted.resolve;
        await Promise.race([untilIncomplete(opened), isDemoted.promise]);
      } catch (error) {
        report(error);
        drop(attempt.abandon);
        if (opened !== undefined) connection = undefined;
      }
      await pause(RECONNECT_MS);
    }
  }

  /**
   * Resolves when some servers of a cluster are away: a new connection finds where their keys are now, and the others are used until then. Rejects when
   * no server responds.
   */
  async function untilIncomplete(opened: RedisConnection): Promise<void> {
    while (!closing.signal.aborted) {
      isComplete = (await opened.ping()) === 'all';
      if (isComplete) outage.succeeded();
      await pause(HEARTBEAT_MS);
      if (!isComplete) return;
    }
  }

  async function evaluate(on: RedisConnection, { sha, text }: Script, call: ScriptCall): Promise<unknown> {
    try {
      return await on.evalSha(sha, call);
    } catch (error) {
      // A server that was started again, or took over, has no scripts.
      if (kindOf(error) === 'NOSCRIPT') return await on.eval(text, call);
      throw error;
    }
  }

  void keepConnected();
  return {
    async run(script, keys, args, withinMs = COMMAND_MS) {
      const on = connection;
      if (on === undefined || guard.isOpen() || inFlight >= IN_FLIGHT_MAX) {
        observed.count('skipped');
        return undefined;
      }
      const call = { keys: keys.map((key) => prefix + key), arguments: [...args] };
      inFlight += 1;
      const running = evaluate(on, script, call).finally(() => {
        inFlight -= 1;
      });
      running.catch((error: unknown) => {
        reportFailure(error);
        // The server has become a replica. Its name, or the sentinels, lead to the master.
        if (on === connection && kindOf(error) === 'READONLY') onDemotion();
      });
      const { outcome, result } = await withDeadline(running, withinMs);
      observed.count(outcome);
      if (outcome === 'ok') guard.succeeded();
      // What fails at once costs nothing: of a cluster a master may be away, and the keys of the others are served.
      if (outcome === 'timeout') guard.timedOut();
      return result;
    },
    async check() {
      if (connection === undefined) throw new Error('Redis is not connected');
      if (guard.isOpen()) throw new Error('Redis does not respond in time');
      if (!isComplete) throw new Error('some servers of Redis do not respond');
    },
    close() {
      closing.abort();
      for (const abandon of live) drop(abandon);
    },
  };
}

/** The first word of an error of Redis, such as NOPERM; empty for other errors. */
const kindOf = (error: unknown): string =>
  /^[A-Z]{2,20}\b/.exec(error instanceof Error ? error.message : '')?.[0] ?? '';

/** Resolves with a result that arrived in time, also where this process was busy and reads it late. */
async function withDeadline(
  running: Promise<unknown>,
  ms: number,
): Promise<{ readonly outcome: CommandOutcome; readonly result?: unknown }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<{ readonly outcome: CommandOutcome }>((resolve) => {
    // After the sockets were read: a busy process runs its timers before them.
    timer = setTimeout(() => setImmediate(() => resolve({ outcome: 'timeout' })), ms);
  });
  const done = running.then(
    (result) => ({ outcome: 'ok' as const, result }),
    () => ({ outcome: 'failed' as const }),
  );
  const first = await Promise.race([done, late]);
  clearTimeout(timer);
  return first;
}
