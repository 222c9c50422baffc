import { describe, expect, it } from 'vitest';
import { couponJson } from './coupon/coupon-issue.http.ts';
import { ChargeView, transactionJson } from './point/point.schemas.ts';
import { directChargeText, transactionText } from './point/point-moves.http.ts';

const at = new Date('2026-01-01T01:00:00.123Z');
const COUPON = {
  id: 7330011234567891n,
  policyId: 7330011234567890n,
  userId: 1001n,
  status: 'ISSUED',
  sequenceNo: 1,
  issuedAt: at,
  expiresAt: at,
  usedAt: undefined,
  reservedAt: undefined,
  termsVersion: 1,
};
const TRANSACTION = {
  id: 7330011234567892n,
  userId: 1001n,
  type: 'USE',
  amount: -3000n,
  balance: 9500n,
  receivable: 0n,
  orderId: 'order "981"',
  createdAt: at,
};

describe('a response that is concatenated', () => {
  it('an issued coupon is JSON with its times', () => {
    expect(JSON.parse(couponJson(COUPON))).toMatchObject({ issuedAt: at.toISOString(), expiresAt: at.toISOString() });
  });

  it('each of several coupons has its own times', () => {
    const later = new Date(at.getTime() + 1);
    const coupons = [
      { ...COUPON, expiresAt: later },
      { ...COUPON, issuedAt: later },
      { ...COUPON, issuedAt: later, expiresAt: later },
      COUPON,
    ];
    for (const { issuedAt, expiresAt, ...rest } of coupons) {
      expect(JSON.parse(couponJson({ ...rest, issuedAt, expiresAt }))).toMatchObject({
        issuedAt: issuedAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
      });
    }
  });

  it.each(['issuedAt', 'expiresAt'])('an issued coupon without %s is an error and no response', (time) => {
    expect(() => couponJson({ ...COUPON, [time]: undefined })).toThrow('without a date');
  });

  it('a transaction is the same JSON as on routes that do not concatenate', () => {
    expect(JSON.parse(transactionText(TRANSACTION))).toEqual(transactionJson(TRANSACTION));
  });

  it('a direct charge is a charge without a payment', () => {
    const charge = JSON.parse(directChargeText({ ...TRANSACTION, type: 'CHARGE', amount: 3000n }));
    expect(ChargeView.parse(charge)).toMatchObject({
      chargeId: null,
      status: 'COMPLETED',
      transactionId: '7330011234567892',
      amount: 3000,
      balance: 9500,
      settledAt: at.toISOString(),
    });
    expect(() => directChargeText({ ...TRANSACTION, createdAt: undefined })).toThrow('without a date');
  });

  it('a transaction without its time is an error and no response', () => {
    expect(() => transactionText({ ...TRANSACTION, createdAt: undefined })).toThrow('without a date');
  });
});
