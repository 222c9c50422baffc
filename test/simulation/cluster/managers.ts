import type { Owner } from '../kernel.ts';
import type { CouponNode } from './coupon-node.ts';
import type { Cluster } from './world.ts';

const MANAGERS: Owner = { name: 'manager', status: 'UP' };
const PRINCIPAL = { userId: 9n, role: 'ADMIN' };
const RETRY_MS = 400;
const RESPONSE_MS = 12_000;

/** Changes a policy meanwhile: more stock, pauses, suspensions, withdrawn coupons. */
export async function manage(cluster: Cluster, nodes: () => readonly CouponNode[], policyId: bigint): Promise<void> {
  const { kernel, postgres } = cluster;
  const { chance } = kernel;

  async function insist(what: string, call: (api: CouponNode['api']) => Promise<unknown>): Promise<void> {
    for (;;) {
      const node = chance.of(nodes());
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const cancel = kernel.schedule(MANAGERS, kernel.clock() + RESPONSE_MS, () => resolve(false));
      void (async () => {
        await cluster.network.carry(MANAGERS, node.owner);
        kernel.say(node.owner.name, () => what);
        const isDone = await call(node.api).then(
          () => true,
          () => false,
        );
        await cluster.network.carry(node.owner, MANAGERS);
        cancel();
        resolve(isDone);
      })();
      if (await promise) return;
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

  await kernel.until(MANAGERS, kernel.clock() + chance.below(4_000), '');
  switch (chance.weighted({ stock: 4, pause: 2, suspend: 1, withdraw: 4 })) {
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
      await kernel.until(MANAGERS, kernel.clock() + chance.below(2_500), '');
      return await transition('ACTIVATE');
    case 'suspend':
      await transition('SUSPEND');
      await kernel.until(MANAGERS, kernel.clock() + chance.below(2_500), '');
      return await transition('RESUME');
    case 'withdraw': {
      const issued = [...postgres.tables.coupons.values()].filter((row) => row['policy_id'] === policyId);
      // Often the newest one, of which its user may not know yet.
      const row = chance.happens(0.5) ? issued.at(-1) : issued.at(chance.below(Math.max(1, issued.length)));
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
