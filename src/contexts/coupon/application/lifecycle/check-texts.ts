import { type Refusal, refuse } from '../../../../platform/kernel/refusal.ts';

const RESERVATION_ID_MAX = 50;
const ORDER_ID_MAX = 100;
const REASON_MAX = 500;

const isText = (text: string, min: number, max: number): boolean =>
  text.length >= min && text.length <= max && text.isWellFormed() && !/\p{Cc}/u.test(text);

/** Refuses client-supplied texts that are too long, empty or not printable. Undefined ones are skipped. */
export function checkTexts(texts: {
  readonly reservationId?: string;
  readonly orderId?: string | undefined;
  readonly reason?: string;
}): Refusal | undefined {
  const { reservationId, orderId, reason } = texts;
  const invalid: Record<string, string> = {};
  if (reservationId !== undefined && !isText(reservationId, 1, RESERVATION_ID_MAX)) {
    invalid['reservationId'] = `must be 1 to ${RESERVATION_ID_MAX} printable characters`;
  }
  if (orderId !== undefined && !isText(orderId, 1, ORDER_ID_MAX)) {
    invalid['orderId'] = `must be 1 to ${ORDER_ID_MAX} printable characters`;
  }
  if (reason !== undefined && !isText(reason, 0, REASON_MAX)) {
    invalid['reason'] = `must be at most ${REASON_MAX} printable characters`;
  }
  return Object.keys(invalid).length === 0 ? undefined : refuse('VALIDATION_FAILED', invalid);
}
