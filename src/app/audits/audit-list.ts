import type { Audit } from '../../platform/context.ts';
import { contextsByName, runs } from '../contexts.ts';
import type { ContextName } from '../parts.ts';
import { checkoutComparisons } from './checkout-audit.ts';
import { type Comparison, inOneDatabase } from './comparison.ts';
import { deadLetterAudit } from './dead-letter-audit.ts';
import { statisticsAudit } from './statistics-audit.ts';

/**
 * An audit with the heading under which it is reported, and what it reads:
 * - CONTEXT: the tables of one context, in its database
 * - COMPARISON: those of two contexts, by pages where they have two databases
 * - STATISTICS: those of statistics and coupon
 * - DATABASE: a table of the platform, which is in every database
 */
export type ListedAudit = { readonly heading: string; readonly audit: Audit } & (
  | { readonly kind: 'CONTEXT'; readonly context: ContextName }
  | { readonly kind: 'COMPARISON'; readonly comparison: Comparison }
  | { readonly kind: 'STATISTICS' }
  | { readonly kind: 'DATABASE' }
);

/** All audits, in the order of the report. */
export const AUDITS: readonly ListedAudit[] = [
  ...contextsByName()
    .filter(runs)
    .flatMap(({ name, audits }) =>
      audits.map((audit) => ({ kind: 'CONTEXT', heading: name, context: name, audit }) as const),
    ),
  { kind: 'STATISTICS', heading: 'statistics', audit: statisticsAudit },
  ...checkoutComparisons.map(
    (comparison) =>
      ({ kind: 'COMPARISON', heading: 'checkout', comparison, audit: inOneDatabase(comparison) }) as const,
  ),
  { kind: 'DATABASE', heading: 'events', audit: deadLetterAudit },
];
