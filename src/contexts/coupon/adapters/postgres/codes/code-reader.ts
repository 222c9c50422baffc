import { and, asc, eq, isNotNull, not, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import type { Database } from '../../../../../platform/postgres/database.ts';
import { selectsOn } from '../../../../../platform/postgres/reader.ts';
import type { CodeReader } from '../../../application/codes/ports.ts';
import { SHAPES_MAX } from '../../../domain/codes/shape-index.ts';
import { POLICY } from '../policy/policy-mappings.ts';
import { couponCodeShapes, couponCodes, couponIssues, couponPolicies } from '../schema.ts';

/** A coupon whose stock was returned returned its code, too. */
const REDEEMED = and(eq(couponIssues.code, couponCodes.code), not(couponIssues.returned));

export function postgresCodeReader(database: Database): CodeReader {
  const db = drizzle(database.pool);
  const exports = selectsOn(database.completeReads);
  return {
    shapes: () =>
      db
        .select()
        .from(couponCodeShapes)
        .limit(SHAPES_MAX + 1),

    async find(codes) {
      const rows = await db
        .select({
          code: couponCodes.code,
          jobId: couponCodes.jobId,
          policy: couponPolicies,
          couponId: couponIssues.id,
        })
        .from(couponCodes)
        .innerJoin(couponPolicies, eq(couponPolicies.id, couponCodes.policyId))
        .leftJoin(couponIssues, REDEEMED)
        .where(sql`${couponCodes.code} = any(${sql.param(codes)}::text[])`);
      return rows.map(({ code, jobId, policy, couponId }) => ({
        code,
        policy: POLICY.fromModel(policy),
        kind: jobId === null ? 'SHARED' : 'UNIQUE',
        redeemed: couponId !== null,
      }));
    },

    async list(policyId, after, limit) {
      const { jobId, place } = after ?? { jobId: 0n, place: -1 };
      const rows = await exports
        .select({
          code: couponCodes.shown,
          jobId: couponCodes.jobId,
          place: couponCodes.place,
          couponId: couponIssues.id,
          userId: couponIssues.userId,
          redeemedAt: couponIssues.issuedAt,
        })
        .from(couponCodes)
        .leftJoin(couponIssues, REDEEMED)
        .where(
          and(
            eq(couponCodes.policyId, policyId),
            isNotNull(couponCodes.jobId),
            sql`(${couponCodes.jobId}, ${couponCodes.place}) > (${jobId}, ${place})`,
          ),
        )
        .orderBy(asc(couponCodes.jobId), asc(couponCodes.place))
        .limit(limit);
      return rows.map(({ code, jobId, place, couponId, userId, redeemedAt }) => ({
        code,
        jobId: jobId ?? 0n,
        place: place ?? 0,
        couponId: couponId ?? undefined,
        userId: userId ?? undefined,
        redeemedAt: redeemedAt ?? undefined,
      }));
    },
  };
}
