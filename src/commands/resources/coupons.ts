import { arg, flag, number, type Resource, text } from './verb.ts';

const BASE = '/api/v1/coupons';
const COUPON = arg('couponId', 'the coupon');

export const COUPONS: Resource = {
  name: 'coupons',
  description: 'coupons of users',
  columns: ['couponId', 'couponName', 'status', 'discountType', 'discountValue', 'issuedAt', 'expiresAt', 'usedAt'],
  verbs: [
    {
      name: 'issue',
      description: 'issue a coupon of a FIRST_COME policy to a user, or to yourself',
      method: 'POST',
      path: `${BASE}/policies/{policyId}/issue`,
      args: [arg('policyId', 'the policy')],
      body: [text('userId', 'the user')],
      forUsers: true,
    },
    {
      name: 'issue-to',
      description: 'issue coupons of a DIRECT policy to up to 10,000 users; direct-issue takes a file',
      method: 'POST',
      path: `${BASE}/direct-issue`,
      args: [arg('couponPolicyId', 'the policy'), { ...arg('userIds', 'the users'), several: true }],
      body: [text('issuedBy', 'who wants it, for the record', { required: true })],
      returns: 'results',
    },
    {
      name: 'list',
      description: 'list the coupons of a user',
      method: 'GET',
      path: `${BASE}/users/{userId}`,
      args: [arg('userId', 'the user')],
      list: 'coupons',
      query: [text('status', 'with these, separated by commas: ISSUED, RESERVED, USED, EXPIRED, CANCELLED')],
      forUsers: true,
    },
    {
      name: 'get',
      description: 'show a coupon with its history',
      method: 'GET',
      path: `${BASE}/{couponId}`,
      args: [COUPON],
      forUsers: true,
    },
    {
      name: 'use',
      description: 'use a coupon for an order',
      method: 'POST',
      path: `${BASE}/{couponId}/use`,
      args: [COUPON],
      body: [text('orderId', 'the order'), number('orderAmount', 'of the order')],
      forUsers: true,
    },
    {
      name: 'cancel',
      description: 'withdraw a coupon',
      method: 'POST',
      path: `${BASE}/{couponId}/cancel`,
      args: [COUPON],
      body: [text('reason', 'why, for its history'), flag('returnStock', 'another user may get it')],
    },
    {
      name: 'restore',
      description: 'give a used coupon back after its order was cancelled',
      method: 'POST',
      path: `${BASE}/{couponId}/restore`,
      args: [COUPON],
      body: [text('orderId', 'the order', { required: true })],
    },
    {
      name: 'redeem',
      description: 'use the coupon whose redemption code a customer shows',
      method: 'POST',
      path: `${BASE}/redeem`,
      args: [arg('redemptionCode', 'the code')],
      body: [number('orderAmount', 'of the order')],
    },
    {
      name: 'validate',
      description: 'check whether the code of a policy can be downloaded now',
      method: 'GET',
      path: `${BASE}/validate/{couponCode}`,
      args: [arg('couponCode', 'the code')],
      returns: 'valid',
    },
  ],
};
