import { ANNOUNCEMENTS } from './announcements.ts';
import { AUDIT_LOG } from './audit-log.ts';
import { COUPONS } from './coupons.ts';
import { KEYS } from './keys.ts';
import { ORDERS } from './orders.ts';
import { POINTS } from './points.ts';
import { POLICIES } from './policies.ts';
import { STATISTICS } from './statistics.ts';
import { STORES } from './stores.ts';
import { USERS } from './users.ts';
import type { Resource } from './verb.ts';
import { WEBHOOKS } from './webhooks.ts';

/** What the command line can do with a server, beside the commands with a file of their own. */
export const RESOURCES: readonly Resource[] = [
  POLICIES,
  COUPONS,
  POINTS,
  ORDERS,
  STORES,
  KEYS,
  USERS,
  STATISTICS,
  ANNOUNCEMENTS,
  WEBHOOKS,
  AUDIT_LOG,
];
