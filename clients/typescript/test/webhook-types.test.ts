import { expect, expectTypeOf, it } from 'vitest';
import type { verifyWebhook, WebhookEvent } from '../src/index.ts';

const ENVELOPE = { timestamp: '2035-01-01T00:00:00.000Z', eventId: '9f2c01d4a7be3306-7330011234999999:0' };

/** The follower of a store event; undefined for any other event. */
function followerIn(event: WebhookEvent): string | undefined {
  // @ts-expect-error not every topic has a user
  if (event.data.userId === undefined) return undefined;
  if (event.type !== 'store.subscribed') return undefined;
  expectTypeOf(event).toEqualTypeOf<WebhookEvent<'store.subscribed'>>();
  return event.data.externalId ?? event.data.userId;
}

it('a verified webhook is a union of all topics, which its type narrows', () => {
  expectTypeOf<Awaited<ReturnType<typeof verifyWebhook>>>().toEqualTypeOf<WebhookEvent>();
  const data = { storeId: '7330011234567000', userId: '42' };
  expect(followerIn({ ...ENVELOPE, type: 'store.subscribed', data })).toBe('42');
  expect(followerIn({ ...ENVELOPE, type: 'store.subscribed', data: { ...data, externalId: 'ext:shop:ada' } })).toBe(
    'ext:shop:ada',
  );
});

it('data of a user may have an external id, and other data has none', () => {
  expectTypeOf<WebhookEvent<'coupon.issued'>['data']['externalId']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<WebhookEvent<'store.opened'>['data']['ownerExternalId']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<WebhookEvent<'store.opened'>['data']>().not.toHaveProperty('externalId');
});

it('an event of an unknown topic, or without a field of its topic, does not compile', () => {
  // @ts-expect-error no topic has this name
  expectTypeOf<WebhookEvent<'order.shipped'>>();
  const incomplete = { ...ENVELOPE, type: 'store.subscribed', data: { storeId: '7330011234567000' } } as const;
  expectTypeOf(incomplete).not.toExtend<WebhookEvent>();
});
