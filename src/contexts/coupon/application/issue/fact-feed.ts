import type { Clock } from '../../../../platform/kernel/clock.ts';
import { endOfTurn } from '../../../../platform/kernel/end-of-turn.ts';
import type { PolicyFact, WatchRequest, WatchResponse } from '../../api.ts';
import { closedRefusal, type IssuablePolicy, type NamedCoupon } from '../../domain/issue/issue.ts';
import type { FactReader } from './ports.ts';
import { POLICIES_MAX as CACHED_POLICIES_MAX, HOLDERS_MAX } from './refusal-cache.ts';

/** A policy stays watched for this many ticks after the last one that named it: a change of it is sent at once. */
const WATCHED_TICKS = 10;
/** Policies read by one statement. */
const POLICIES_MAX = 1_000;
/** Holders in one message: encoding more would hold up this process for milliseconds. */
const HOLDERS_OF_MESSAGE = 5_000;

/** Sends gateways the committed facts by which they refuse. */
export interface FactFeed {
  /** `send` gets each message for one gateway; `end` is called when it has to begin anew, with a new subscription. */
  subscribe(send: (message: WatchResponse) => void, end: () => void): FactSubscription;
  /** A policy may have changed: those who watch it get its facts now. */
  changed(policyId: bigint): void;
}

export interface FactSubscription {
  tick(request: WatchRequest): void;
  /** Nothing is sent afterwards. */
  close(): void;
}

export interface FactFeedDeps {
  readonly reader: FactReader;
  readonly clock: Clock;
  /** Called with failed reads. The next tick reads again. */
  readonly onError: (error: unknown) => void;
}

export function factFeed(deps: FactFeedDeps): FactFeed {
  const subscribers = new Set<Subscriber>();
  return {
    subscribe(send, end) {
      const subscriber = subscribe(deps, send, end);
      subscribers.add(subscriber);
      return {
        tick: subscriber.tick,
        close() {
          subscribers.delete(subscriber);
          subscriber.close();
        },
      };
    },
    changed(policyId) {
      for (const subscriber of subscribers) subscriber.changed(policyId);
    },
  };
}

interface Subscriber extends FactSubscription {
  changed(policyId: bigint): void;
}

function subscribe({ reader, clock, onError }: FactFeedDeps, send: (m: WatchResponse) => void, end: () => void) {
  /** The newest tick, and when a policy was last named: by how many ticks there had been. */
  let newest = 0;
  let ticks = 0;
  const namedAt = new Map<bigint, number>();
  /** Of which state of a policy all holders were sent. */
  const sentHolders = new Map<bigint, string>();
  let sentCount = 0;
  /** The policies that the gateway has facts of. */
  const sent = new Set<bigint>();
  const due = new Set<bigint>();
  let isReading = false;
  let isClosed = false;

  async function readDue(): Promise<void> {
    if (isReading) return;
    isReading = true;
    try {
      while (due.size > 0 && !isClosed) {
        const ids = [...due].slice(0, POLICIES_MAX);
        for (const id of ids) due.delete(id);
        await read(ids);
      }
    } catch (error) {
      onError(error);
    } finally {
      isReading = false;
    }
  }

  async function read(ids: readonly bigint[]): Promise<void> {
    // Before the statement is sent: what it reads is younger than the tick.
    const tick = newest;
    const policies = await reader.policies(ids);
    if (isClosed) return;
    for (const { id } of policies) sent.add(id);
    // The gateway keeps what it got. A new subscription begins with nothing.
    if (sent.size > CACHED_POLICIES_MAX) return end();
    const nowMs = clock();
    send({ tick, policies: policies.map((policy) => toFact(policy, nowMs, hasAllHolders(policy))) });
    for (const policy of policies) {
      if (needsHolders(policy, nowMs)) await sendHolders(policy.id);
    }
  }

  const hasAllHolders = (policy: IssuablePolicy): boolean =>
    policy.lastSequenceNo === 0 || sentHolders.get(policy.id) === stateOf(policy);

  const needsHolders = (policy: IssuablePolicy, nowMs: number): boolean =>
    !hasAllHolders(policy) &&
    policy.maxIssuePerUser === 1 &&
    policy.issuedCount <= HOLDERS_MAX / 2 &&
    closedRefusal(policy, nowMs) !== undefined;

  async function sendHolders(policyId: bigint): Promise<void> {
    const tick = newest;
    const all = await reader.holders(policyId, HOLDERS_MAX / 2);
    if (all === undefined || isClosed) return;
    sentCount += all.first.size;
    if (sentCount > HOLDERS_MAX) return end();
    const holders = [...all.first];
    for (let from = 0; from < holders.length; from += HOLDERS_OF_MESSAGE) {
      const part = holders.slice(from, from + HOLDERS_OF_MESSAGE);
      const isLast = from + HOLDERS_OF_MESSAGE >= holders.length;
      send({ tick, policies: [withHolders(toFact(all.policy, clock(), isLast), part)] });
      await endOfTurn(undefined);
      if (isClosed) return;
    }
    sentHolders.set(policyId, stateOf(all.policy));
  }

  return {
    tick({ tick, policyIds }: WatchRequest) {
      newest = tick;
      ticks += 1;
      for (const id of policyIds) {
        namedAt.delete(id);
        namedAt.set(id, ticks);
        due.add(id);
      }
      for (const [id, at] of namedAt) {
        if (ticks - at < WATCHED_TICKS) break;
        namedAt.delete(id);
      }
      void readDue();
    },
    changed(policyId: bigint) {
      if (!namedAt.has(policyId)) return;
      due.add(policyId);
      void readDue();
    },
    close() {
      isClosed = true;
    },
  } satisfies Subscriber;
}

const stateOf = ({ refusalEpoch, lastSequenceNo }: IssuablePolicy): string => `${refusalEpoch} ${lastSequenceNo}`;

function toFact(policy: IssuablePolicy, nowMs: number, hasAllHolders: boolean): PolicyFact {
  const closed = closedRefusal(policy, nowMs);
  const refusal = closed?.kind === 'refused' ? closed.refusal : undefined;
  const opensInMs = refusal?.code === 'POLICY_NOT_STARTED' ? policy.validFromMs - nowMs : undefined;
  return {
    policyId: policy.id,
    distributionType: policy.distributionType,
    refusalEpoch: policy.refusalEpoch,
    maxIssuePerUser: policy.maxIssuePerUser,
    closed: refusal,
    closedForMs: opensInMs === undefined ? undefined : Math.min(Math.max(0, Math.floor(opensInMs)), 60_000),
    userIds: [],
    couponIds: [],
    sequenceNos: [],
    hasAllHolders,
  };
}

const withHolders = (fact: PolicyFact, holders: readonly (readonly [bigint, NamedCoupon])[]): PolicyFact => ({
  ...fact,
  userIds: holders.map(([userId]) => userId),
  couponIds: holders.map(([, { couponId }]) => couponId),
  sequenceNos: holders.map(([, { sequenceNo }]) => sequenceNo),
});
