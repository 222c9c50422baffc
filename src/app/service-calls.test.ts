import { expect, test } from 'vitest';
import { directoryContract } from '../contexts/coupon/module.ts';
import { paymentContext } from '../contexts/payment/module.ts';
import { CONTEXTS, runs } from './contexts.ts';
import { mayCallProcess } from './process-service.ts';
import { PROCESS_CONTRACT } from './remote/process-contract.ts';
import { mayCallSandboxPayments } from './remote/sandbox-payments.ts';
import { mayCall } from './service-calls.ts';
import { mayCallDirectory } from './shards/directory.ts';

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
    'coupon.CountReservations',
    'coupon.EndReservationCount',
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

test('only the gateway may call what a process does for it, and only in a sandbox move its time and run its tasks', () => {
  const methods = Object.values(PROCESS_CONTRACT.methods).map(({ name }) => name);
  expect(methods).toContain('MoveSandboxTime');
  for (const method of methods) {
    expect([method, mayCallProcess('gateway', method, true)]).toEqual([method, true]);
    const isAlwaysAllowed = ['FindNamedFiles', 'ClaimKeys', 'ReleaseKeys'].includes(method);
    expect([method, mayCallProcess('gateway', method, false)]).toEqual([method, isAlwaysAllowed]);
    for (const other of ['order', 'coupon', 'nobody', '']) expect(mayCallProcess(other, method, true)).toBe(false);
  }
});

test('a shard of coupon may claim codes in the directory, order and statistics may list places, the gateway may do the rest, and no other caller anything', async () => {
  const methods = Object.values((await directoryContract()).methods).map(({ name }) => name);
  const callsOfDirectory = (caller: string) => methods.filter((method) => mayCallDirectory(caller, method));
  expect(callsOfDirectory('coupon')).toEqual(['ClaimCodes']);
  expect(callsOfDirectory('gateway')).toEqual(methods.filter((method) => method !== 'ClaimCodes'));
  for (const caller of ['order', 'statistics']) expect(callsOfDirectory(caller)).toEqual(['ListPlaces']);
  for (const other of ['point', 'constructor', '']) expect(callsOfDirectory(other)).toEqual([]);
});

test('point may ask the sandbox for payments, the gateway may show its page, and no other part may call it', async () => {
  const methods = Object.values((await paymentContext.contract()).methods).map(({ name }) => name);
  const callsOfPayments = (caller: string) => methods.filter((method) => mayCallSandboxPayments(caller, method));
  expect(callsOfPayments('point')).toEqual(['BeginPayment', 'RefundPayment']);
  expect(callsOfPayments('gateway')).toEqual(['FindPayment', 'ChooseOutcome']);
  for (const other of ['coupon', 'identity', 'nobody', '']) expect(callsOfPayments(other)).toEqual([]);
});
