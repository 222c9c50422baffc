import { expect, test } from 'vitest';
import { CONTEXTS, runs } from '../contexts.ts';
import { mayCall } from './service-calls.ts';

/** Every method of every service that `caller` may call. */
async function callsOf(caller: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const context of CONTEXTS.filter(runs)) {
    for (const { name } of Object.values((await context.contract()).methods)) {
      if (mayCall(caller, context.name, name)) found.push(`${context.name}.${name}`);
    }
  }
  return found;
}

test('docs/attacks.md 37: a service may call what it needs of others, and nothing else', async () => {
  const checks = ['store.CheckStore', 'store.ListOwnStores', 'store.ListCounterStores'];
  expect(await callsOf('order')).toEqual([
    ...checks,
    'coupon.ReserveCoupon',
    'coupon.ReleaseReservation',
    'coupon.ConfirmReservation',
    'coupon.RestoreCoupon',
    'point.HoldPoints',
    'point.ReleaseHold',
    'point.CaptureHold',
    'point.SpendPoints',
    'point.RefundCapture',
  ]);
  expect(await callsOf('coupon')).toEqual(checks);
  for (const other of ['identity', 'point', 'store', 'nobody', 'constructor', '__proto__', '']) {
    expect(await callsOf(other)).toEqual([]);
  }
});
