import { createLane } from '../../../platform/batching/lane.ts';
import type { Failure, LaneObserver } from '../../../platform/batching/lane-observer.ts';
import { outcomeOf, type Replay } from '../../../platform/kernel/command-key.ts';
import { decideLife } from '../domain/life.ts';
import type { LifeCommand } from '../domain/life-command.ts';
import type { LifeOutcome } from '../domain/life-decision.ts';
import type { KnownRefusals } from './known-refusals.ts';
import type { KeyedLifeCommand, LifeStore } from './ports.ts';

export interface LifeBatchDeps {
  readonly known: Pick<KnownRefusals, 'forget'>;
  /** How long a reservation lasts. */
  readonly holdMs: number;
}

export interface LifeDeps extends LifeBatchDeps {
  /** The store of one batcher, over as many connections of its own as it has round trips under way. */
  readonly storeFor: (batcher: string, concurrency: number) => LifeStore;
  readonly classify: (error: unknown) => Failure;
  readonly observer: (lane: string) => LaneObserver;
  readonly groupMax: number;
}

/** Everything that happens to coupons after their issue goes through here. */
export interface CouponLife {
  /** For somebody who waits for the answer. Rejects with Unavailable as lanes do. */
  submit(command: LifeCommand): Promise<LifeOutcome>;
  /** The same for a command that may carry a key. */
  submitOnce(command: KeyedLifeCommand): Promise<LifeOutcome | Replay>;
  /** For jobs and events: larger groups, which nobody at a till waits behind. */
  submitBulk(command: LifeCommand): Promise<LifeOutcome>;
  /** Resolves when nothing is queued or under way. */
  stop(): Promise<void>;
}

/** What ends something goes before what begins something. */
const URGENT: ReadonlySet<LifeCommand['kind']> = new Set([
  'RELEASE',
  'CONFIRM',
  'CANCEL',
  'RESTORE',
  'PAYMENT_COMPLETED',
  'PAYMENT_FAILED',
]);

/** The next group is on its way to PostgreSQL while this node still answers the one before; they rarely share coupons. */
const FLIGHTS_MAX = 2;
/** A bulk group is this many times as large. One at a time: a batch of events keeps its order. */
const BULK = 4;

/** Decides and stores one batch. Rejects with what the store throws. */
export const lifeBatch = ({ known, holdMs }: LifeBatchDeps) =>
  async function execute(
    store: LifeStore,
    group: readonly KeyedLifeCommand[],
  ): Promise<readonly (LifeOutcome | Replay)[]> {
    const decision = await store.changeGroup(group, (seen, nowMs, fresh) => decideLife(seen, fresh, nowMs, holdMs));
    // A withdrawal: its user, and with its stock back anybody, may be given what this node still refuses.
    for (const { id } of decision.policies) known.forget(id);
    return decision.merged;
  };

export function couponLife(deps: LifeDeps): CouponLife {
  const { storeFor, classify, observer, groupMax } = deps;
  const execute = lifeBatch(deps);

  const laneOf = (name: string, size: number, flightsMax: number) => {
    const store = storeFor(name, flightsMax);
    const run = (group: readonly KeyedLifeCommand[]) => execute(store, group);
    return createLane({ name, execute: run, classify, groupMax: size, flightsMax, observer: observer(name) });
  };
  const lane = laneOf('coupon.life', groupMax, FLIGHTS_MAX);
  const withdrawals = laneOf('coupon.life-withdraw', groupMax, 1);
  const bulk = laneOf('coupon.life-bulk', groupMax * BULK, 1);
  const priority = ({ kind }: LifeCommand) => (URGENT.has(kind) ? 'urgent' : 'normal');
  // A withdrawal locks the coupon's policy, so it may wait behind an opening. Nothing else waits with it.
  const submitOnce = (command: KeyedLifeCommand) =>
    (command.kind === 'CANCEL' ? withdrawals : lane).submit(command, priority(command));

  return {
    submit: (command) => submitOnce(command).then(outcomeOf),
    submitOnce,
    submitBulk: (command) => bulk.submit(command, priority(command)).then(outcomeOf),
    async stop() {
      await Promise.all([lane.drain(), withdrawals.drain(), bulk.drain()]);
    },
  };
}
