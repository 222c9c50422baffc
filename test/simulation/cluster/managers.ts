import type { Owner } from '../kernel.ts';
import { callNode, type Outcomes } from './calls.ts';
import type { CouponNode } from './coupon-node.ts';
import type { Cluster } from './world.ts';

/** How likely a manager does what. */
export type Managing = Readonly<Record<'stock' | 'pause' | 'suspend' | 'withdraw', number>>;

const MANAGERS: Owner = { name: 'manager', status: 'UP' };
const PRINCIPAL = { userId: 9n, role: 'ADMIN' };
const RETRY_MS = 400;
const POLL_MS = 25;
const LOOKS_MAX = 30;

/** Changes a policy meanwhile: more stock, pauses, suspensions, withdrawn coupons. */
export async function manage(
  cluster: Cluster,
  nodes: () => readonly CouponNode[],
  policyId: bigint,
  weights: Managing,
): Promise<void> {
  const { kernel, postgres } = cluster;
  const { chance } = kernel;

  async function insist(what: string, run: (api: CouponNode['api']) => Promise<Outcomes>): Promise<void> {
    for (;;) {
      if ((await callNode(cluster, { from: MANAGERS, nodes, what, run })) !== undefined) return;
      await kernel.until(MANAGERS, kernel.clock() + RETRY_MS, '');
    }
  }

  const transition = (name: string) =>
    insist(`${name} policy ${policyId}`, (api) =>
      api.changePolicyStatus({
        principal: PRINCIPAL,
        policyId,
        transition: name,
        reason: 'why',
        commandKey: undefined,
      }),
    );

  await kernel.until(MANAGERS, kernel.clock() + chance.below(chance.of([600, 2_500])), '');
  switch (chance.weighted(weights)) {
    case 'stock': {
      const max = Number(postgres.tables.policies.get(policyId)?.['max_issue_count']) + chance.between(1, 2);
      return await insist(`sets the stock of policy ${policyId} to ${max}`, (api) =>
        api.setQuantity({
          principal: PRINCIPAL,
          policyId,
          newMaxIssueCount: max,
          modifiedBy: '9',
          reason: '',
          commandKey: undefined,
        }),
      );
    }
    case 'pause':
      await transition('PAUSE');
      await kernel.until(MANAGERS, kernel.clock() + chance.below(1_500), '');
      return await transition('ACTIVATE');
    case 'suspend':
      await transition('SUSPEND');
      await kernel.until(MANAGERS, kernel.clock() + chance.below(1_500), '');
      return await transition('RESUME');
    case 'withdraw': {
      // Often one that has just been issued, of which not even its node may know yet.
      const isNewest = chance.happens(0.6);
      const before = postgres.tables.coupons.size;
      for (let looks = 0; isNewest && postgres.tables.coupons.size === before && looks < LOOKS_MAX; looks++)
        await kernel.until(MANAGERS, kernel.clock() + POLL_MS, '');
      const issued = [...postgres.tables.coupons.values()].filter((row) => row['policy_id'] === policyId);
      const row = isNewest ? issued.at(-1) : issued.at(chance.below(Math.max(1, issued.length)));
      const couponId = row?.['id'] as bigint | undefined;
      if (couponId === undefined) return;
      const returnStock = chance.happens(0.7);
      return await insist(`withdraws coupon ${couponId}`, (api) =>
        api.cancelCoupon({
          principal: PRINCIPAL,
          couponId,
          reason: '',
          returnStock,
          orderCancelled: false,
          commandKey: undefined,
        }),
      );
    }
  }
}
