/** What operations are grouped by, in the order of the document. */
export const TAGS = {
  'coupon policies':
    'What a shop gives away: terms, window, quantity, codes. A policy is issued in one way: first come, first served; for a code; to a list of users; or by an event.',
  coupons:
    'Issued coupons and their life: issue, quote, reserve, confirm, use, redeem at the counter, cancel, restore.',
  jobs: 'Work on many rows in the background: its progress, its errors and its stream.',
  statistics: 'What was issued and used by day and hour, for policies and stores.',
  points: 'Points in a double-entry ledger: charge, earn, use, cancel, balance and history.',
  products: 'Products: price, stock and best sellers.',
  'time sales': 'Products at a lower price, in a limited quantity and for a limited time.',
  orders: 'Orders with coupons and points: place, read, cancel, refund.',
  payments: 'How orders are paid: with points, or at a payment provider that reports by a signed webhook.',
  stores: 'Shops, their staff and their images.',
  subscriptions: 'Which stores and coupon policies a user follows.',
  notifications:
    'Notices of users: inbox, stream, e-mail and web push, choices and consent, and announcements by jobs.',
  webhooks: 'Events that are sent to URLs of your own as signed requests.',
  identity: 'Accounts, sessions, e-mail addresses and passwords, users, API keys and the audit log.',
  files: 'Uploaded images.',
  operations: 'Health and metrics, for orchestrators and Prometheus.',
  sandbox: 'An adjustable clock and payments without money, on servers for trials.',
} as const;

export type Tag = keyof typeof TAGS;
