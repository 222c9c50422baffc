import { expectTypeOf, it } from 'vitest';
import type { DeliveryOf, EventBus, Handler } from './bus.ts';

interface Events {
  readonly 'coupon.issued': { readonly couponId: string };
  readonly 'coupon.used': { readonly orderId: string };
}

it('the topic of an event decides the type of its data', () => {
  expectTypeOf<DeliveryOf<Events, 'coupon.used'>['event']['data']>().toEqualTypeOf<Events['coupon.used']>();
  const subscribe = (bus: EventBus, handler: Handler<DeliveryOf<Events, 'coupon.used'>>) => {
    bus.subscribe('group', ['coupon.used'], handler);
    // @ts-expect-error: the handler takes events of another topic
    bus.subscribe('group', ['coupon.issued'], handler);
  };
  expectTypeOf(subscribe).toBeFunction();
});
