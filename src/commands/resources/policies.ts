import { arg, flag, number, type Resource, text, type Verb } from './verb.ts';

const BASE = '/api/v1/coupon-policies';
const ADMIN = '/api/v1/admin/coupon-policies';
const ID = arg('id', 'the policy');
const REASON = text('reason', 'why, for the audit log', { required: true });

export const DISTRIBUTION_TYPES = ['CODE', 'DOWNLOAD', 'FIRST_COME', 'EVENT', 'DIRECT'] as const;

/** What a new policy has; the rest of its members can be in a file. */
const TERMS = [
  text('name', 'shown to users'),
  text('description', 'shown to users'),
  text('code', 'what users type, with distribution type DOWNLOAD'),
  text('discountType', 'how much it takes off', { choices: ['FIXED_AMOUNT', 'PERCENTAGE'] }),
  number('discountValue', 'the amount, or percent'),
  number('minimumOrderAmount', 'of the order'),
  number('maxDiscountAmount', 'of a percentage'),
  text('distributionType', 'how users get it', { choices: DISTRIBUTION_TYPES }),
  number('maxIssueCount', 'how many there are; none: unlimited'),
  number('maxIssuePerUser', 'how many a user may have'),
  number('validDays', 'how long a coupon is valid after its issue'),
  text('expireAt', 'when every coupon ends, such as 2030-12-31T15:00:00Z'),
  text('validFrom', 'when it opens'),
  text('validUntil', 'when it closes'),
  text('storeId', 'of this store alone'),
  text('timezone', 'of its days, such as Asia/Seoul'),
  text('triggerEventType', 'of the events that issue it, with distribution type EVENT'),
  flag('restoreOnRefund', 'a refunded order gives the coupon back'),
];

const change = (name: string, description: string): Verb => ({
  name,
  description,
  method: 'POST',
  path: `${ADMIN}/{id}/${name}`,
  args: [ID],
});

export const POLICIES: Resource = {
  name: 'policies',
  description: 'coupon policies',
  columns: [
    'couponPolicyId',
    'name',
    'distributionType',
    'status',
    'suspended',
    'currentIssueCount',
    'maxIssueCount',
    'validFrom',
    'validUntil',
  ],
  verbs: [
    {
      name: 'list',
      description: 'list policies, the newest first',
      method: 'GET',
      path: BASE,
      list: 'policies',
      query: [
        text('status', 'with this status', { choices: ['PENDING', 'ACTIVE', 'PAUSED', 'EXHAUSTED', 'ENDED'] }),
        text('distributionType', 'of this type', { choices: DISTRIBUTION_TYPES }),
        text('storeId', 'of this store'),
      ],
    },
    { name: 'get', description: 'show a policy', method: 'GET', path: `${BASE}/{id}`, args: [ID] },
    {
      name: 'create',
      description: 'create a policy from options or a JSON file',
      method: 'POST',
      path: BASE,
      body: TERMS,
      takesFile: true,
    },
    {
      name: 'update',
      description: 'replace what a policy has; the file is what get --json prints, changed',
      method: 'PUT',
      path: `${ADMIN}/{id}`,
      args: [ID],
      body: [
        ...TERMS,
        number('version', 'the version that you have read', { option: 'ifVersion' }),
        flag('applyToIssued', 'also to coupons that users have'),
      ],
      takesFile: true,
      ignored: ['couponPolicyId', 'currentIssueCount', 'status', 'createdAt', 'updatedAt'],
    },
    {
      name: 'clone',
      description: 'create a policy with the terms of another one',
      method: 'POST',
      path: `${ADMIN}/{id}/clone`,
      args: [ID],
      body: [
        text('name', 'of the new one'),
        text('code', 'of the new one'),
        text('validFrom', 'when it opens'),
        text('validUntil', 'when it closes'),
        text('expireAt', 'when every coupon ends'),
      ],
    },
    change('activate', 'open a policy that is pending or paused'),
    change('pause', 'issue no more until it is activated'),
    change('end', 'issue no more for ever'),
    { ...change('suspend', 'refuse issue and use until it is resumed'), body: [REASON] },
    change('resume', 'end a suspension'),
    {
      ...change('withdraw', 'withdraw the coupons that users have and have not used, by a job'),
      body: [REASON],
      followsJob: true,
    },
    {
      name: 'stock',
      description: 'show how many coupons are left',
      method: 'GET',
      path: '/api/v1/coupons/policies/{policyId}/stock',
      args: [arg('policyId', 'the policy')],
    },
    {
      name: 'statistics',
      description: 'show what became of its coupons, by day and hour',
      method: 'GET',
      path: `${BASE}/{id}/statistics`,
      args: [ID],
    },
    {
      name: 'set-quantity',
      description: 'change how many coupons there are',
      method: 'PATCH',
      path: `${BASE}/{id}/remaining-quantity`,
      args: [ID],
      body: [
        number('newMaxIssueCount', 'how many there are, with those issued', { required: true }),
        text('modifiedBy', 'who wants it, for the record', { required: true }),
        REASON,
      ],
    },
    {
      name: 'coupons',
      description: 'list the coupons of a policy',
      method: 'GET',
      path: `${BASE}/{id}/coupons`,
      args: [ID],
      list: 'coupons',
      query: [
        text('status', 'with this status', { choices: ['ISSUED', 'RESERVED', 'USED', 'EXPIRED', 'CANCELLED'] }),
        text('userId', 'of this user'),
      ],
      columns: ['couponId', 'userId', 'status', 'sequenceNo', 'issuedAt', 'expiresAt', 'usedAt', 'orderId'],
    },
  ],
};
