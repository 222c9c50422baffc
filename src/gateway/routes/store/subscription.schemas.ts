import { z } from 'zod';
import type { Subscription } from '../../../contexts/store/api.ts';
import { IdText, InstantText, idOrNull, PageFields, PathId, requiredInstant } from '../../server/schemas.ts';

export const OneTarget = z.strictObject({ id: PathId });

export const SubscriptionsQuery = z.strictObject({
  ...PageFields,
  type: z.enum(['store', 'policy']).optional().meta({ description: 'Absent = both' }),
});

export const SubscriptionView = z
  .discriminatedUnion('type', [
    z
      .strictObject({ type: z.literal('store'), storeId: IdText, name: z.string(), category: z.string() })
      .meta({ id: 'StoreSubscription' }),
    z
      .strictObject({
        type: z.literal('policy'),
        couponPolicyId: IdText,
        storeId: IdText.nullable().meta({ description: 'Null: platform wide' }),
        name: z.string(),
        opensAt: InstantText,
      })
      .meta({ id: 'PolicySubscription' }),
  ])
  .meta({ id: 'Subscription' });

export const STORE_SUBSCRIPTION_EXAMPLE: z.input<typeof SubscriptionView> = {
  type: 'store',
  storeId: '7330011234567000',
  name: 'Cafe Sol',
  category: 'CAFE',
};
export const POLICY_SUBSCRIPTION_EXAMPLE: z.input<typeof SubscriptionView> = {
  type: 'policy',
  couponPolicyId: '7330011234560000',
  storeId: '7330011234567000',
  name: 'Opening day',
  opensAt: '2035-01-01T01:00:00.000Z',
};

export function subscriptionJson({ target }: Subscription): z.input<typeof SubscriptionView> {
  if (target === undefined) throw new Error('a subscription without a target');
  if (target.$case === 'store') {
    const { storeId, name, category } = target.value;
    return { type: 'store', storeId: String(storeId), name, category };
  }
  const { policyId, storeId, name, opensAt } = target.value;
  return {
    type: 'policy',
    couponPolicyId: String(policyId),
    storeId: idOrNull(storeId),
    name,
    opensAt: requiredInstant(opensAt),
  };
}
