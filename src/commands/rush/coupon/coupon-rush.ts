import { databasesOfShards } from '../../../app/databases.ts';
import { type Rush, type RushContext, sinceSent, sinceStart } from '../rush.ts';
import { checkHistory } from './checks.ts';
import { createPolicy } from './create-policy.ts';
import { type Coupon, type CouponOutcome, issueProfile } from './issue-profile.ts';
import { readStored } from './read-stored.ts';

const isIssued = ({ status }: CouponOutcome): boolean => status === 201;
const isSoldOut = ({ code }: CouponOutcome): boolean => code === 'COUPON_SOLD_OUT';
const isAlreadyIssued = ({ code }: CouponOutcome): boolean => code === 'COUPON_ALREADY_ISSUED';
const isRefused = (outcome: CouponOutcome): boolean => isSoldOut(outcome) || isAlreadyIssued(outcome);

/** All users request a coupon at once, and there are few coupons. */
export const couponRush =
  (users: number, coupons: number) =>
  async ({ system: { url }, tokens, nowMs, firstUser }: RushContext): Promise<Rush<Coupon>> => {
    const policyId = await createPolicy(url, tokens, coupons, nowMs);
    return {
      title: `${users.toLocaleString('en')} users request ${coupons.toLocaleString('en')} coupons`,
      profile: issueProfile({ url, policyId, users, firstUser }, tokens, nowMs),
      responsesExpected: users,
      facts: { policyId, users, coupons },
      responses: [
        { name: 'issued', includes: isIssued, rate: { from: 'START', text: '/s from the start to the last coupon' } },
        { name: 'sold out', includes: isSoldOut, rate: { from: 'FIRST_OF_THEM', text: ' refusals/s' } },
        {
          name: 'already issued',
          includes: isAlreadyIssued,
          // Each user sends one request, so a user who already has a coupon got it by a request whose response was lost.
          note: 'by a request whose response was lost; a repeat returned the coupon',
        },
      ],
      latencies: [
        { name: 'admitted, since the start', includes: isIssued, ms: sinceStart },
        { name: 'admitted, since its request was sent', includes: isIssued, ms: sinceSent },
        { name: 'refused, since the start', includes: isRefused, ms: sinceStart },
        { name: 'refused, since its request was sent', includes: isRefused, ms: sinceSent },
      ],
      audit: { name: 'audit of the policy', scope: { policyId: BigInt(policyId) } },
      async check(history, data) {
        const stored = await readStored(databasesOfShards(data, 'coupon'), policyId);
        return checkHistory(history, stored, Math.min(users, coupons));
      },
    };
  };
