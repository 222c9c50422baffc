import type { Audit } from '../../platform/context.ts';
import { sqlAudit } from '../../platform/postgres/sql-audit.ts';

/**
 * Compares in one snapshot what several contexts store about orders; that is why it is part of the app. An order records a step after the
 * other context has committed it, so between two steps more than one state is valid.
 */
const COUPONS = sqlAudit('a paid order has used its coupon, as it was reserved; an order that ended holds none', {
  path: 'app/audits/checkout-coupons.sql',
});

const POINTS = sqlAudit(
  'points are held, captured and given back as orders say, and none are held for an order that ended',
  { path: 'app/audits/checkout-points.sql' },
);

export const checkoutAudits: readonly Audit[] = [COUPONS, POINTS];
