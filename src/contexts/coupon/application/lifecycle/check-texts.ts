import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import { isText, textRule } from '../../../../platform/kernel/text.ts';
import { ORDER_ID_MAX, REASON_MAX, RESERVATION_ID_MAX } from '../../domain/limits.ts';
import { refuse } from '../../refusals.ts';

/** Refuses client-supplied texts that are too long, empty or not printable. Undefined ones are skipped. */
export function checkTexts(texts: {
  readonly reservationId?: string;
  readonly orderId?: string | undefined;
  readonly reason?: string;
}): Refusal | undefined {
  const { reservationId, orderId, reason } = texts;
  const invalid: Record<string, string> = {};
  if (reservationId !== undefined && !isText(reservationId, 1, RESERVATION_ID_MAX)) {
    invalid['reservationId'] = textRule(1, RESERVATION_ID_MAX);
  }
  if (orderId !== undefined && !isText(orderId, 1, ORDER_ID_MAX)) {
    invalid['orderId'] = textRule(1, ORDER_ID_MAX);
  }
  if (reason !== undefined && !isText(reason, 0, REASON_MAX)) {
    invalid['reason'] = textRule(0, REASON_MAX);
  }
  return Object.keys(invalid).length === 0 ? undefined : refuse('VALIDATION_FAILED', invalid);
}
