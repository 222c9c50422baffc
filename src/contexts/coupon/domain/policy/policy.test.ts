import { describe, expect, it } from 'vitest';
import { manager } from '../../../../../test/support/stores.ts';
import { HOUR_MS } from '../../../../platform/kernel/durations.ts';
import { isRefusal } from '../../../../platform/kernel/refusal.ts';
import { NOW_MS, policy, terms } from '../../test/policies.ts';
import {
  changeQuantity,
  changeStatus,
  changeSuspension,
  changeTerms,
  isOpen,
  mayManage,
  type Policy,
  policyStatusAt,
} from './policy.ts';
import { checkTerms, type RequestedTerms } from './policy-terms.ts';

const at = (offsetMs: number) => new Date(NOW_MS + offsetMs);
/** The result: the new status, 'same' for the same policy object, or the refusal's code. */
const outcome = (before: Policy, after: Policy | { readonly code: string }): string => {
  if ('code' in after) return after.code;
  return after === before ? 'same' : after.status;
};

describe('checkTerms', () => {
  it.each<[field: string, Partial<RequestedTerms>]>([
    ['name', { name: '  ' }],
    ['discountType', { discountType: 'GIFT' }],
    ['distributionType', { distributionType: 'RAFFLE' }],
    ['discountValue', { discountValue: 0n }],
    ['discountValue', { discountValue: -1n }],
    ['discountValue', { discountType: 'PERCENTAGE', discountValue: 10_001n }],
    ['minimumOrderAmount', { minimumOrderAmount: -1n }],
    ['maxDiscountAmount', { maxDiscountAmount: 5n }],
    ['maxDiscountAmount', { discountType: 'PERCENTAGE', maxDiscountAmount: 0n }],
    ['maxIssueCount', { maxIssueCount: 0 }],
    ['maxIssueCount', { maxIssueCount: 1.5 }],
    ['maxIssueCount', { maxIssueCount: 2_000_000_001 }],
    ['maxIssuePerUser', { maxIssuePerUser: 0 }],
    ['maxIssuePerUser', { maxIssuePerUser: 101 }],
    ['validDays', { validDays: undefined }],
    ['validDays', { expireAt: at(2 * HOUR_MS) }],
    ['validDays', { validDays: 0 }],
    ['validDays', { validDays: 3_651 }],
    ['validFrom', { validFrom: undefined }],
    ['validUntil', { validUntil: undefined }],
    ['validUntil', { validUntil: at(-HOUR_MS) }],
    ['expireAt', { validDays: undefined, expireAt: at(HOUR_MS - 1) }],
    ['timezone', { timezone: 'Asia/Atlantis' }],
    ['triggerEventType', { triggerEventType: 'user.signed_up' }],
    ['triggerEventType', { distributionType: 'EVENT' }],
  ])('checkTerms names %s when it is invalid: %o', (field, changed) => {
    const checked = checkTerms({ ...terms(), ...changed });
    if (!isRefusal(checked)) throw new Error('the terms were accepted');
    expect(checked.code).toBe('VALIDATION_FAILED');
    expect(Object.keys(checked.details)).toEqual([field]);
  });

  it.each<Partial<RequestedTerms>>([
    {},
    { discountType: 'PERCENTAGE', discountValue: 10_000n, maxDiscountAmount: 1n },
    { maxIssueCount: undefined, maxIssuePerUser: 100 },
    { maxIssueCount: 2_000_000_000, validDays: 3_650 },
    { validDays: undefined, expireAt: at(HOUR_MS) },
    { distributionType: 'EVENT', triggerEventType: 'user.signed_up' },
    { timezone: 'America/New_York', minimumOrderAmount: 0n },
  ])('checkTerms accepts %o', (changed) => {
    expect(checkTerms({ ...terms(), ...changed })).toEqual({ ...terms(), ...changed });
  });
});

describe('changeStatus', () => {
  const opensLater = { validFrom: at(HOUR_MS / 2) };
  it.each([
    ['PENDING', 'ACTIVATE', 'ACTIVE'],
    ['PENDING', 'PAUSE', 'POLICY_INACTIVE'],
    ['PENDING', 'END', 'ENDED'],
    ['ACTIVE', 'ACTIVATE', 'same'],
    ['ACTIVE', 'PAUSE', 'PAUSED'],
    ['ACTIVE', 'END', 'ENDED'],
    ['PAUSED', 'ACTIVATE', 'ACTIVE'],
    ['PAUSED', 'PAUSE', 'same'],
    ['PAUSED', 'END', 'ENDED'],
    ['EXHAUSTED', 'ACTIVATE', 'same'],
    ['EXHAUSTED', 'PAUSE', 'PAUSED'],
    ['EXHAUSTED', 'END', 'ENDED'],
    ['ENDED', 'ACTIVATE', 'POLICY_ENDED'],
    ['ENDED', 'PAUSE', 'POLICY_ENDED'],
    ['ENDED', 'END', 'same'],
    ['ACTIVE', 'REOPEN', 'VALIDATION_FAILED'],
    ['ACTIVE', 'constructor', 'VALIDATION_FAILED'],
  ] as const)('changeStatus of a policy that is %s with %s results in %s', (status, transition, expected) => {
    const before = policy(1n, { status, terms: terms(opensLater), currentIssueCount: status === 'EXHAUSTED' ? 10 : 0 });
    const after = changeStatus(before, transition, NOW_MS);
    expect(outcome(before, after)).toBe(expected);
    if (!isRefusal(after)) expect(after.version).toBe(after === before ? 1 : 2);
  });

  it('PAUSE applies to a policy that opened by its window before a scheduled task stored it', () => {
    const before = policy(1n, { status: 'PENDING', terms: terms({ validFrom: at(0) }) });
    expect(outcome(before, changeStatus(before, 'PAUSE', NOW_MS - 1))).toBe('POLICY_INACTIVE');
    expect(outcome(before, changeStatus(before, 'PAUSE', NOW_MS))).toBe('PAUSED');
  });

  it('ACTIVATE is refused from the millisecond of the end', () => {
    const before = policy(1n, { status: 'PAUSED', terms: terms({ validUntil: at(0) }) });
    expect(outcome(before, changeStatus(before, 'ACTIVATE', NOW_MS - 1))).toBe('ACTIVE');
    expect(outcome(before, changeStatus(before, 'ACTIVATE', NOW_MS))).toBe('POLICY_ENDED');
  });

  it('ACTIVATE of a policy without stock gives EXHAUSTED', () => {
    const before = policy(1n, { status: 'PAUSED', currentIssueCount: 10 });
    expect(outcome(before, changeStatus(before, 'ACTIVATE', NOW_MS))).toBe('EXHAUSTED');
  });
});

it.each([
  ['PENDING', -HOUR_MS - 1, 'PENDING'],
  ['PENDING', -HOUR_MS, 'ACTIVE'],
  ['ACTIVE', -HOUR_MS - 1, 'ACTIVE'],
  ['PAUSED', 0, 'PAUSED'],
  ['EXHAUSTED', HOUR_MS - 1, 'EXHAUSTED'],
  ...(['PENDING', 'ACTIVE', 'PAUSED', 'EXHAUSTED', 'ENDED'] as const).map(
    (status) => [status, HOUR_MS, 'ENDED'] as const,
  ),
  ['ENDED', 0, 'ENDED'],
] as const)('%s is, %i ms from noon, %s', (status, offsetMs, expected) => {
  expect(policyStatusAt(policy(1n, { status }), NOW_MS + offsetMs)).toBe(expected);
});

describe('changeQuantity', () => {
  it.each([
    ['ACTIVE', 4, 4, 'EXHAUSTED'],
    ['ACTIVE', 4, 5, 'ACTIVE'],
    ['EXHAUSTED', 10, 11, 'ACTIVE'],
    ['PAUSED', 4, 4, 'PAUSED'],
    ['PENDING', 0, 1, 'PENDING'],
    ['ACTIVE', 4, 3, 'CONCURRENT_MODIFICATION'],
    ['ACTIVE', 0, 0, 'VALIDATION_FAILED'],
    ['ACTIVE', 0, -1, 'VALIDATION_FAILED'],
    ['ACTIVE', 0, 1.5, 'VALIDATION_FAILED'],
    ['ACTIVE', 0, Number.NaN, 'VALIDATION_FAILED'],
    ['ACTIVE', 0, 2_000_000_001, 'VALIDATION_FAILED'],
    ['ENDED', 4, 20, 'POLICY_ENDED'],
  ] as const)(
    'changeQuantity of a policy that is %s with %i issued to %d results in %s',
    (status, currentIssueCount, to, expected) => {
      const before = policy(1n, { status, currentIssueCount });
      const after = changeQuantity(before, to);
      expect(outcome(before, after)).toBe(expected);
      if (!isRefusal(after))
        expect(after).toMatchObject({ version: 2, terms: { maxIssueCount: to }, currentIssueCount });
    },
  );
});

describe('changeTerms', () => {
  it('changeTerms replaces the terms of the given version only', () => {
    const before = policy(1n, { version: 3 });
    expect(changeTerms(before, 3, terms({ name: 'Second day' }))).toMatchObject({
      version: 4,
      terms: { name: 'Second day' },
    });
    expect(changeTerms(before, 2, terms())).toMatchObject({
      code: 'OPTIMISTIC_LOCK_FAILURE',
      details: { currentVersion: '3' },
    });
  });

  it.each([
    ['with a limit below the issued coupons', { maxIssueCount: 3 }, 'CONCURRENT_MODIFICATION'],
    ['with a limit of the issued coupons', { maxIssueCount: 4 }, 'EXHAUSTED'],
    ['without a limit', { maxIssueCount: undefined }, 'ACTIVE'],
    ['of another type', { distributionType: 'DOWNLOAD' }, 'VALIDATION_FAILED'],
    ['in another time zone', { timezone: 'Europe/Paris' }, 'VALIDATION_FAILED'],
    ['that break a rule', { discountValue: 0n }, 'VALIDATION_FAILED'],
  ] as const)('changeTerms of a policy with four issued coupons decides on terms %s', (_, changed, expected) => {
    const before = policy(1n, { currentIssueCount: 4 });
    expect(outcome(before, changeTerms(before, 1, terms(changed)))).toBe(expected);
  });

  it('changeTerms refuses an ended policy', () => {
    expect(changeTerms(policy(1n, { status: 'ENDED' }), 1, terms())).toMatchObject({ code: 'POLICY_ENDED' });
  });
});

it.each([
  ['ADMIN', 'any store or none', true],
  // The gateway has checked the scope of its key.
  ['SERVICE', 'any store or none', true],
  ['OWNER', 'their store', true],
  ['OWNER', 'another store', false],
  ['OWNER', 'no store', false],
  ['OWNER', 'their store, by an event', false],
  ['CUSTOMER', 'their store', false],
] as const)('%s may manage a policy of %s: %s', (role, of, expected) => {
  const changed = {
    'any store or none': {},
    'their store': { storeId: 5n },
    'another store': { storeId: 6n },
    'no store': {},
    'their store, by an event': { storeId: 5n, distributionType: 'EVENT' as const },
  }[of];
  expect(mayManage(manager(role, 1n, 5n), terms(changed))).toBe(expected);
});

it.each([
  ['PENDING', 0, true],
  ['ACTIVE', 0, true],
  ['EXHAUSTED', 0, true],
  ['PAUSED', 0, false],
  ['ENDED', 0, false],
  ['ACTIVE', -HOUR_MS, true],
  ['ACTIVE', -HOUR_MS - 1, false],
  ['ACTIVE', HOUR_MS - 1, true],
  ['ACTIVE', HOUR_MS, false],
] as const)('whether the window of a policy that is %s is open %i ms from now: %s', (status, offsetMs, expected) => {
  expect(isOpen(policy(1n, { status }), NOW_MS + offsetMs)).toBe(expected);
});

describe('the version of the terms', () => {
  const before = policy(1n, { termsVersion: 3, termsFloor: 2 });
  it.each<[changed: Partial<RequestedTerms>, applyToIssued: boolean, termsVersion: number, termsFloor: number]>([
    [{ name: 'Another name', maxIssueCount: 20, restoreOnRefund: true }, false, 3, 2],
    [{ discountValue: 50n }, false, 4, 2],
    [{ minimumOrderAmount: 1n }, false, 4, 2],
    [{ discountType: 'PERCENTAGE', maxDiscountAmount: 5n }, false, 4, 2],
    [{ storeId: 5n }, false, 4, 2],
    [{ discountValue: 50n }, true, 4, 4],
    [{}, true, 3, 3],
  ])('changing %o, for issued coupons: %s, makes version %i with the floor %i', (changed, applied, version, floor) => {
    const after = changeTerms(before, 1, { ...terms(), ...changed }, applied);
    expect(after).toMatchObject({ termsVersion: version, termsFloor: floor, version: 2 });
  });

  it('another cap alone makes a version, too', () => {
    const capped = terms({ discountType: 'PERCENTAGE', maxDiscountAmount: 5n });
    const after = changeTerms({ ...before, terms: capped }, 1, { ...capped, maxDiscountAmount: 6n }, false);
    expect(after).toMatchObject({ termsVersion: 4, termsFloor: 2 });
  });
});

describe('a suspension', () => {
  it('a policy is suspended and resumed beside its status, whatever that is, and a repeat changes nothing', () => {
    for (const status of ['PENDING', 'ACTIVE', 'PAUSED', 'EXHAUSTED', 'ENDED'] as const) {
      const before = policy(1n, { status });
      const suspended = changeSuspension(before, 'wrong');
      expect(suspended).toEqual({ ...before, suspensionReason: 'wrong', version: 2 });
      if ('code' in suspended) throw new Error(suspended.code);
      expect(changeSuspension(suspended, 'again')).toBe(suspended);
      expect(changeSuspension(suspended, undefined)).toEqual({ ...before, version: 3 });
      expect(changeSuspension(before, undefined)).toBe(before);
      expect(isOpen(suspended, NOW_MS)).toBe(false);
    }
    expect(changeSuspension(policy(1n), ' ')).toMatchObject({ code: 'VALIDATION_FAILED' });
  });
});
