import type { Policy } from '../../../domain/policy/policy.ts';
import type { couponPolicies } from '../schema.ts';

type Row = typeof couponPolicies.$inferSelect;

/** The columns that a manual change may set. Columns that the store maintains itself are excluded. */
export type EditableRow = Omit<
  Row,
  'currentIssueCount' | 'lastSequenceNo' | 'refusalEpoch' | 'formerIssuePerUser' | 'fence'
>;

const orUndefined = <T>(value: T | null): T | undefined => value ?? undefined;

export const toPolicy = (row: Row): Policy => ({
  id: row.id,
  terms: {
    name: row.name,
    description: row.description,
    code: orUndefined(row.code),
    discountType: row.discountType,
    discountValue: row.discountValue,
    minimumOrderAmount: row.minimumOrderAmount,
    maxDiscountAmount: orUndefined(row.maxDiscountAmount),
    distributionType: row.distributionType,
    maxIssueCount: orUndefined(row.maxIssueCount),
    maxIssuePerUser: row.maxIssuePerUser,
    validDays: orUndefined(row.validDays),
    expireAt: orUndefined(row.expireAt),
    validFrom: row.validFrom,
    validUntil: row.validUntil,
    storeId: orUndefined(row.storeId),
    timezone: row.timezone,
    triggerEventType: orUndefined(row.triggerEventType),
    restoreOnRefund: row.restoreOnRefund,
  },
  status: row.status,
  currentIssueCount: row.currentIssueCount,
  version: row.version,
  createdAt: row.createdAt,
  updatedAt: row.updatedAt,
  createdBy: row.createdBy,
});

export function toRow(policy: Policy): EditableRow {
  const { terms, createdAt, updatedAt } = policy;
  return {
    id: policy.id,
    name: terms.name,
    description: terms.description,
    code: terms.code ?? null,
    discountType: terms.discountType,
    discountValue: terms.discountValue,
    minimumOrderAmount: terms.minimumOrderAmount,
    maxDiscountAmount: terms.maxDiscountAmount ?? null,
    distributionType: terms.distributionType,
    maxIssueCount: terms.maxIssueCount ?? null,
    maxIssuePerUser: terms.maxIssuePerUser,
    validDays: terms.validDays ?? null,
    expireAt: terms.expireAt ?? null,
    validFrom: terms.validFrom,
    validUntil: terms.validUntil,
    storeId: terms.storeId ?? null,
    timezone: terms.timezone,
    triggerEventType: terms.triggerEventType ?? null,
    restoreOnRefund: terms.restoreOnRefund,
    status: policy.status,
    version: policy.version,
    createdBy: policy.createdBy,
    createdAt,
    updatedAt,
  };
}
