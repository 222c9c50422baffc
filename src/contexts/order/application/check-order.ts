import { OWNED_KEY_MAX } from '../../../platform/kernel/idempotency-key.ts';
import type { Refusal } from '../../../platform/kernel/refusal.ts';
import { isText, textRule } from '../../../platform/kernel/text.ts';
import { PAYMENT_ID_MAX } from '../../payment/api.ts';
import type { OrderItem, RefundLine } from '../api.ts';
import { LINES_MAX, MONEY_MAX, QUANTITY_MAX, REASON_MAX } from '../domain/limits.ts';
import { refuse } from '../refusals.ts';

const isQuantity = (quantity: number): boolean =>
  Number.isInteger(quantity) && quantity >= 1 && quantity <= QUANTITY_MAX;

interface Input {
  readonly userId?: bigint;
  readonly key?: string;
  readonly items?: readonly OrderItem[];
  readonly couponId?: bigint | undefined;
  readonly usePoints?: bigint;
  readonly expectedTotal?: bigint | undefined;
  readonly status?: string;
  readonly amount?: bigint;
  readonly refundLines?: readonly RefundLine[];
  readonly reason?: string | undefined;
  readonly providerRef?: string | undefined;
}

/** Refused: VALIDATION_FAILED, with each field that is out of its range. Undefined fields are not checked. */
export function checkOrder(input: Input): Refusal | undefined {
  const invalid: Record<string, string> = {};
  const require = (isValid: boolean, field: string, rule: string) => {
    if (!isValid) invalid[field] = rule;
  };
  const { userId, key, couponId, status, reason, providerRef } = input;
  if (userId !== undefined) require(userId > 0n, 'userId', 'must be the id of a user');
  if (key !== undefined) require(isText(key, 1, OWNED_KEY_MAX), 'key', textRule(1, OWNED_KEY_MAX));
  if (couponId !== undefined) require(couponId > 0n, 'couponId', 'must be the id of a coupon');
  if (status !== undefined) require(isReport(status), 'status', 'must be COMPLETED or FAILED');
  if (reason !== undefined) require(isText(reason, 0, REASON_MAX), 'reason', textRule(0, REASON_MAX));
  const refRule = textRule(1, PAYMENT_ID_MAX);
  if (providerRef !== undefined) require(isText(providerRef, 1, PAYMENT_ID_MAX), 'providerRef', refRule);
  for (const field of ['usePoints', 'expectedTotal', 'amount'] as const) {
    const money = input[field];
    if (money !== undefined) require(money >= 0n && money <= MONEY_MAX, field, `must be 0 to ${MONEY_MAX}`);
  }
  if (input.items) checkItems(input.items, require);
  if (input.refundLines) checkRefundLines(input.refundLines, require);
  return Object.keys(invalid).length === 0 ? undefined : refuse('VALIDATION_FAILED', invalid);
}

const isReport = (status: string): boolean => status === 'COMPLETED' || status === 'FAILED';

type Require = (isValid: boolean, field: string, rule: string) => void;
const QUANTITY_RULE = `must be a whole number from 1 to ${QUANTITY_MAX}`;

/** Field names are built only for invalid items, because most orders of a rush are refused and have one item. */
function checkItems(items: readonly OrderItem[], require: Require): void {
  require(items.length >= 1 && items.length <= LINES_MAX, 'items', `must be 1 to ${LINES_MAX}`);
  const seen = new Set<string>();
  for (const [index, { productId, timeSaleId, quantity }] of items.slice(0, LINES_MAX).entries()) {
    const refuseField = (name: string, rule: string) => require(false, `items.${index}${name}`, rule);
    if (productId <= 0n) refuseField('.productId', 'must be the id of a product');
    if (timeSaleId !== undefined && timeSaleId <= 0n) refuseField('.timeSaleId', 'must be the id of a time sale');
    if (!isQuantity(quantity)) refuseField('.quantity', QUANTITY_RULE);
    if (items.length === 1) return;
    const itemKey = `${productId} ${timeSaleId}`;
    if (seen.has(itemKey)) refuseField('', 'must not repeat an earlier item');
    seen.add(itemKey);
  }
}

function checkRefundLines(lines: readonly RefundLine[], require: Require): void {
  require(lines.length <= LINES_MAX, 'items', `must be at most ${LINES_MAX}`);
  const seen = new Set<number>();
  for (const [index, { line, quantity }] of lines.slice(0, LINES_MAX).entries()) {
    const field = `items.${index}`;
    require(Number.isInteger(line) && line >= 1 && line <= LINES_MAX, `${field}.line`, 'must be a line of the order');
    require(isQuantity(quantity), `${field}.quantity`, QUANTITY_RULE);
    require(!seen.has(line), field, 'must not repeat an earlier line');
    seen.add(line);
  }
}
