import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { expect } from 'vitest';
import { createPolicy, token } from './rush-faults.ts';
import type { Stand } from './stand.ts';
import { audit } from './system.ts';

const SOLD = 3;
/** Two servers take turns, and each is idle for longer than it trusts its own facts. */
export const TURN_MS = 550;
/** No fact refuses for longer after it was read, so no later refusal may miss stock that was added. */
export const TRUST_MS = 1_000;
/** Stock is added after so many turns, of which each server has some. */
const RESTOCK_TURNS = 5;
const ADDED = 6;

/** Requests for a policy that is sold out, a few in each second: those that facts in Redis refuse. Stock is added now and then. */
export interface Trickle {
  /**
   * Stops, and expects that every user got what they have: their coupon, or sold out; that added stock was issued, a second after it was added at the
   * latest, to the requests that were sent then; and that as many coupons are stored.
   */
  end(): Promise<void>;
  readonly policyId: string;
}

/** `isRestocked: false`: the policy stays sold out. */
export async function startTrickle(stand: Stand, { isRestocked = true } = {}): Promise<Trickle> {
  const policyId = await createPolicy(stand, SOLD);
  const held: string[] = [];
  for (let user = 1; user <= SOLD; user++) {
    const { status, couponId = '' } = await issue(stand, 0, policyId, user);
    expect(status).toBe(201);
    held.push(couponId);
  }
  let isEnding = false;
  let issued = SOLD;
  let nextUser = 100;
  const wrong: string[] = [];

  async function refuseTurn(turn: number): Promise<void> {
    const [user, holder] = [nextUser++, turn % SOLD];
    const [other, own] = await Promise.all([
      issue(stand, turn % 2, policyId, user),
      issue(stand, turn % 2, policyId, holder + 1),
    ]);
    if (other.code !== 'COUPON_SOLD_OUT') wrong.push(`${user}: ${other.status} ${other.code}`);
    if (own.couponId !== held[holder]) wrong.push(`${holder + 1}: ${own.status} ${own.code}`);
  }

  /** Requests in the second after the change may be refused by facts that were read before it, later ones may not. */
  async function restock(): Promise<void> {
    const quantity = issued + ADDED;
    await setQuantity(stand, policyId, quantity);
    const addedAtMs = performance.now();
    for (const node of [0, 1]) {
      const { status, code } = await issue(stand, node, policyId, nextUser++);
      if (status === 201) issued += 1;
      else if (code !== 'COUPON_SOLD_OUT') wrong.push(`just after ${quantity}: ${status} ${code}`);
    }
    await sleep(Math.max(0, TRUST_MS - (performance.now() - addedAtMs)));
    while (issued < quantity) {
      const { status, code } = await issue(stand, issued % 2, policyId, nextUser++);
      if (status !== 201) wrong.push(`a second after ${quantity}, with ${quantity - issued} left: ${status} ${code}`);
      if (status !== 201) return;
      issued += 1;
    }
  }

  const running = (async () => {
    for (let turn = 0; !isEnding; turn++) {
      if (isRestocked && turn % RESTOCK_TURNS === RESTOCK_TURNS - 1) await restock();
      await refuseTurn(turn);
      await sleep(TURN_MS);
    }
  })();
  return {
    policyId,
    async end() {
      isEnding = true;
      await running;
      expect(wrong).toEqual([]);
      const [stored] = await stand.query<{ coupons: number; last: number }>(
        'coupon',
        'select count(*)::int as coupons, max(sequence_no) as last from coupon.coupon_issues where policy_id = $1',
        [policyId],
      );
      expect(stored).toEqual({ coupons: issued, last: issued });
      const { code, output } = await audit(stand, '--policy', policyId);
      expect(code, output).toBe(0);
    },
  };
}

interface Issued {
  readonly status: number;
  readonly code?: string;
  readonly couponId?: string;
}

export async function issue(stand: Stand, node: number, policyId: string, user: number): Promise<Issued> {
  const { statusCode, body } = await request(
    `${stand.nodes[node === 0 ? 0 : 1].url()}/api/v1/coupons/policies/${policyId}/issue`,
    { method: 'POST', headers: { authorization: `Bearer ${token(String(user))}` } },
  );
  return { ...((await body.json()) as object), status: statusCode };
}

export async function setQuantity(stand: Stand, policyId: string, newMaxIssueCount: number): Promise<void> {
  const { statusCode, body } = await request(
    `${stand.nodes[0].url()}/api/v1/coupon-policies/${policyId}/remaining-quantity`,
    {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${token('1', 'ADMIN')}`,
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      },
      body: JSON.stringify({ newMaxIssueCount, modifiedBy: 'jane', reason: 'more' }),
    },
  );
  expect([statusCode, await body.text()]).toEqual([200, expect.any(String)]);
}

/** How often facts in Redis were found by both servers. */
export async function factsFound(stand: Stand): Promise<number> {
  let found = 0;
  for (const node of stand.nodes) {
    const { body } = await request(`${node.url()}/metrics`);
    found += Number(/^stampede_redis_facts_total\{result="found"\} (\d+)$/m.exec(await body.text())?.[1] ?? 0);
  }
  return found;
}
