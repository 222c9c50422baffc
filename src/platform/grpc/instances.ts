import { setTimeout as sleep } from 'node:timers/promises';
import { type ChannelCredentials, type ChannelOptions, Client, connectivityState } from '@grpc/grpc-js';
import { exponentialBackoff } from '../../platform/kernel/exponential-backoff.ts';
import type { AddressSource } from './addresses.ts';
import { INSTANCES_MAX, KEEPALIVE_MS, KEEPALIVE_TIMEOUT_MS, MESSAGE_BYTES_MAX } from './limits.ts';

/** Between two looks at the connections while somebody waits for one. */
const POLL_MS = 25;
/** How long an instance whose call failed is not preferred: the first time, and at most, when it goes on to fail. */
const REST = { firstMs: 100, maxMs: 2_000, factor: 2 } as const;

export interface InstancesOptions {
  readonly addresses: AddressSource;
  readonly credentials: ChannelCredentials;
  /** The name that the certificate of every instance must have. Absent: that of its address. */
  readonly serverName?: string;
  /** Called when the source begins to name more than INSTANCES_MAX. The others get no connection. */
  readonly onTooMany?: (named: number) => void;
  /** From 0 to below 1. */
  readonly random?: () => number;
  /** Milliseconds that never go back. Default: performance.now() */
  readonly monotonic?: () => number;
}

/** One process that hosts the context. */
export interface Instance {
  readonly address: string;
  readonly client: Client;
  /** `end` is called before the connection is closed. */
  onClose(end: () => void): void;
}

/** A call that an instance was chosen for. It counts as in flight there until it ends. */
export interface AssignedCall {
  readonly instance: Instance;
  /**
   * `answered`: with a response, a refusal included. `failed`: it was lost, or failed for a reason that may be the instance's. `unknown`:
   * how it ended says nothing about the instance.
   */
  end(outcome: 'answered' | 'failed' | 'unknown'): void;
}

/** The processes that host a context, with one connection to each. */
export interface Instances {
  /**
   * Chooses an instance for a call. A ready one is preferred to one that connects, and that to one whose connection failed; among these one
   * that is not in `tried`, then one that does not rest, then the one with the fewest calls in flight, then any. Undefined: no instance is known.
   *
   * An instance rests for 100 ms after a failed call, and for up to 2 s when it goes on to fail: one that fails quickly has few calls in flight,
   * and would get most of them. After its rest a single call shows whether it works again.
   */
  acquire(tried?: ReadonlySet<string>): AssignedCall | undefined;
  /** As `acquire`, but undefined unless an instance is ready, not in `tried`, and does not rest. */
  acquireOther(tried: ReadonlySet<string>): AssignedCall | undefined;
  /** How many are ready, and how many are known. */
  count(): { readonly ready: number; readonly known: number };
  /** Resolves when an instance is ready. Rejects after `timeoutMs`. */
  ping(timeoutMs: number): Promise<void>;
  close(): void;
}

interface Held extends Instance {
  inFlight: number;
  close(): void;
  /** It left the list: it gets no calls, and is closed when those in flight have ended. */
  isLeaving: boolean;
  /** Failed calls in a row. Calls that were in flight together are one. */
  failures: number;
  failedAtMs: number;
  restsUntilMs: number;
}

/** Ready, then on the way to be, then failed. */
const RANK: Readonly<Record<connectivityState, number>> = {
  [connectivityState.READY]: 0,
  [connectivityState.IDLE]: 1,
  [connectivityState.CONNECTING]: 1,
  [connectivityState.TRANSIENT_FAILURE]: 2,
  [connectivityState.SHUTDOWN]: 3,
};
/** Distance between two states in the order of preference. Instances in one state are ordered by smaller numbers: whether one was tried, and whether it rests. */
const STEP = 4;

/**
 * Connects to the instances that the source names, at most INSTANCES_MAX. When it names none any more, the last ones stay: a name without addresses and a
 * registry that lost its data say nothing about processes that run.
 */
export function connectInstances(options: InstancesOptions): Instances {
  const { addresses, credentials, serverName, onTooMany, random, monotonic } = options;
  const chance = random ?? Math.random;
  const now = monotonic ?? (() => performance.now());
  const channelOptions: ChannelOptions = {
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.keepalive_permit_without_calls': 1,
    // By default it waits up to 120 s before it connects to a service that is back.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 1_000,
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
    'grpc.use_local_subchannel_pool': 1,
    ...(serverName === undefined ? {} : { 'grpc.ssl_target_name_override': serverName }),
  };
  let held: readonly Held[] = [];
  let isClosed = false;
  let areTooMany = false;

  const open = (address: string): Held => {
    const client = new Client(address, credentials, channelOptions);
    client.getChannel().getConnectivityState(true);
    const ends: (() => void)[] = [];
    const close = (): void => {
      for (const end of ends) end();
      client.close();
    };
    const health = { failures: 0, failedAtMs: Number.NEGATIVE_INFINITY, restsUntilMs: Number.NEGATIVE_INFINITY };
    return { address, client, onClose: (end) => void ends.push(end), close, inFlight: 0, isLeaving: false, ...health };
  };
  const stopWatching = addresses.watch((listed) => {
    if (isClosed || listed.length === 0) return;
    const wanted = new Set(listed);
    for (const instance of held) {
      if (wanted.has(instance.address)) continue;
      instance.isLeaving = true;
      if (instance.inFlight === 0) instance.close();
    }
    const staying = held.filter(({ isLeaving }) => !isLeaving);
    const present = new Set(staying.map(({ address }) => address));
    const added = [...wanted].filter((address) => !present.has(address));
    // Connections that exist stay: an entry that is added to the registry does not replace an instance that is in use.
    held = [...staying, ...added.slice(0, Math.max(0, INSTANCES_MAX - staying.length)).map(open)];
    const wereTooMany = areTooMany;
    areTooMany = wanted.size > INSTANCES_MAX;
    if (areTooMany && !wereTooMany) onTooMany?.(wanted.size);
  });

  const choose = (tried: ReadonlySet<string> | undefined, nowMs: number) => {
    let best: Held | undefined;
    let bestRank = 0;
    let equals = 0;
    for (const instance of held) {
      const isTried = tried?.has(instance.address) === true;
      const rank = rankOf(instance) * STEP + (isTried ? 2 : 0) + (nowMs < instance.restsUntilMs ? 1 : 0);
      const isBetter =
        best === undefined || rank < bestRank || (rank === bestRank && instance.inFlight < best.inFlight);
      if (isBetter) equals = 1;
      else if (rank !== bestRank || instance.inFlight !== best?.inFlight) continue;
      // Of n equal ones each is chosen with the same chance.
      else if (chance() * ++equals >= 1) continue;
      best = instance;
      bestRank = rank;
    }
    return { best, bestRank };
  };
  const assign = (instance: Held, begunAtMs: number): AssignedCall => {
    instance.inFlight += 1;
    // It probes: until it has ended, others go elsewhere.
    if (instance.failures > 0 && begunAtMs >= instance.restsUntilMs)
      instance.restsUntilMs = begunAtMs + restOf(instance);
    return {
      instance,
      end(outcome) {
        instance.inFlight -= 1;
        // A call that began before the last failure says nothing about what came after it.
        if (begunAtMs >= instance.failedAtMs) {
          if (outcome === 'answered') recover(instance);
          else if (outcome === 'failed') rest(instance, now());
        }
        if (instance.isLeaving && instance.inFlight === 0) instance.close();
      },
    };
  };
  const count = () => ({ ready: held.filter((instance) => rankOf(instance) === 0).length, known: held.length });
  return {
    acquire(tried) {
      const nowMs = now();
      const { best, bestRank } = choose(tried, nowMs);
      if (best === undefined || bestRank >= RANK[connectivityState.TRANSIENT_FAILURE] * STEP) addresses.refresh();
      return best && assign(best, nowMs);
    },
    acquireOther(tried) {
      const nowMs = now();
      const { best, bestRank } = choose(tried, nowMs);
      return best !== undefined && bestRank === 0 ? assign(best, nowMs) : undefined;
    },
    count,
    async ping(timeoutMs) {
      const untilMs = performance.now() + timeoutMs;
      for (;;) {
        const { ready, known } = count();
        if (ready > 0) return;
        if (isClosed || performance.now() >= untilMs) throw new Error(`none of ${known} instances is ready`);
        addresses.refresh();
        await sleep(POLL_MS);
      }
    },
    close() {
      isClosed = true;
      stopWatching();
      for (const instance of held) instance.close();
      held = [];
    },
  };
}

const restOf = ({ failures }: Held): number => exponentialBackoff(failures, REST);

function rest(instance: Held, nowMs: number): void {
  instance.failures += 1;
  instance.failedAtMs = nowMs;
  instance.restsUntilMs = nowMs + restOf(instance);
}

function recover(instance: Held): void {
  instance.failures = 0;
  instance.restsUntilMs = Number.NEGATIVE_INFINITY;
}

/** Looking at the state of an idle channel makes it connect: a connection that was closed is made again before a call needs it. */
function rankOf({ client }: Instance): number {
  const channel = client.getChannel();
  const state = channel.getConnectivityState(false);
  if (state === connectivityState.IDLE) channel.getConnectivityState(true);
  return RANK[state];
}
