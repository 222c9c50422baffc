import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Shop, shopOn } from './shop.ts';
import { RUN_NUMBER, type Stage, stage } from './support.ts';

const BOTH = `both-${RUN_NUMBER}`;
let on: Stage;
let shop: Shop;
beforeAll(async () => {
  on = await stage();
  shop = shopOn(on);
});
afterAll(() => on.stop());

const machine = () => on.token('2', 'SERVICE', 'coupons:use coupons:read');
const said = ({ status, body }: { status: number; body: { code?: string } | undefined }): string =>
  [status, body?.code].join(' ').trim();

async function reserve(user: string, reservationId: string, by: 'customer' | 'machine' = 'customer', orderId?: string) {
  const couponId = await shop.coupon(user);
  const token = by === 'customer' ? on.token(user) : machine();
  const json = { reservationId, userId: user, couponId, orderAmount: 10_000, orderId };
  return { couponId, answer: await on.call('POST', '/api/v1/coupons/reserve', { token, json }) };
}
const end = (path: string, token = machine()) => on.call('POST', `/api/v1/coupons/reservations/${path}`, { token });
const release = (id: string, token: string) => on.call('DELETE', `/api/v1/coupons/apply/${id}`, { token });

describe('the ids of reservations', () => {
  it('docs/attacks.md 65: an id that another customer took first is free for everybody else', async () => {
    const [a, b] = [shop.newUser(), shop.newUser()];
    const [first, second] = [await reserve(a, 'cart-1'), await reserve(b, 'cart-1')];
    expect([said(first.answer), said(second.answer)]).toEqual(['200', '200']);
    expect(said(await release('cart-1', on.token(a)))).toBe('204');
    expect([await shop.couponStatus(a, first.couponId), await shop.couponStatus(b, second.couponId)]).toEqual([
      'ISSUED',
      'RESERVED',
    ]);
    expect(said(await release('cart-1', on.token(shop.newUser())))).toBe('404 RESERVATION_NOT_FOUND');
  });

  it('docs/attacks.md 65: a customer who takes the ids of coming checkouts stops none of them', async () => {
    const user = shop.newUser();
    const before = await shop.placed(user, {});
    const next = BigInt(before.orderId);
    // Guesses, and the id that the next order gets or one near it.
    for (let n = 1n; n <= 3n; n++) await reserve(user, `order:${next + n}`);
    await reserve(user, `CHECKOUT:${user}:order:${next + 1n}`);
    const couponId = await shop.coupon(user);
    const { orderId } = await shop.placed(user, { couponId });
    // Now that the id is known: it is another reservation, and the checkout's is not released by it.
    expect(said((await reserve(user, `order:${orderId}`)).answer)).toBe('200');
    expect(said(await release(`order:${orderId}`, on.token(user)))).toBe('204');
    expect(await shop.couponStatus(user, couponId)).toBe('RESERVED');
    expect(said(await end(`order:${orderId}/confirm`))).toBe('409 RESERVATION_CONFLICT');
  });

  it('docs/attacks.md 65: what a machine reserves for a user is apart from what the user reserves', async () => {
    const user = shop.newUser();
    const [own, machines] = [await reserve(user, BOTH), await reserve(user, BOTH, 'machine')];
    expect([said(own.answer), said(machines.answer)]).toEqual(['200', '200']);
    expect(said(await release(BOTH, on.token(user)))).toBe('204');
    expect(await shop.couponStatus(user, machines.couponId)).toBe('RESERVED');
    const confirmed = await end(`${BOTH}/confirm`);
    expect([confirmed.status, confirmed.body.couponId]).toEqual([200, machines.couponId]);
  });

  it('a machine without a user searches the reservations of machines only, and is asked for the user when several have the id', async () => {
    const [a, b] = [shop.newUser(), shop.newUser()];
    const own = await reserve(a, 'mine');
    expect(said(await end('mine/confirm'))).toBe('409 RESERVATION_CONFLICT');
    expect(said(await end('mine/extend'))).toBe('404 RESERVATION_NOT_FOUND');
    const confirmed = await end(`mine/confirm?userId=${a}`);
    expect([confirmed.status, confirmed.body.couponId]).toEqual([200, own.couponId]);

    const [first, second] = [await reserve(a, 'twice', 'machine'), await reserve(b, 'twice', 'machine')];
    const asked = await end('twice/confirm');
    expect([said(asked), asked.body.reason]).toEqual(['409 RESERVATION_CONFLICT', expect.stringContaining('userId')]);
    const [one, other] = [await end(`twice/confirm?userId=${b}`), await end(`twice/confirm?userId=${a}`)];
    expect([one.body.couponId, other.body.couponId]).toEqual([second.couponId, first.couponId]);
  });

  it('a machine prefers its own reservation of a user to the one of the customer', async () => {
    const user = shop.newUser();
    await reserve(user, 'same');
    const machines = await reserve(user, 'same', 'machine');
    expect((await end(`same/confirm?userId=${user}`)).body.couponId).toBe(machines.couponId);
  });

  it('a customer cannot name the user of a reservation', async () => {
    const [a, b] = [shop.newUser(), shop.newUser()];
    await reserve(a, 'hers');
    expect(said(await release(`hers?userId=${a}`, on.token(b)))).toBe('403 FORBIDDEN');
  });
});
