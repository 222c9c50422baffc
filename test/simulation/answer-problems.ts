import type { Order } from '../../src/contexts/order/domain/order.ts';
import { statusOf } from '../../src/contexts/order/domain/order.ts';
import type { Refusal } from '../../src/platform/kernel/refusal.ts';
import type { Answers } from './answers.ts';
import { textOf } from './batchers.ts';
import type { Chronicle } from './chronicle.ts';
import type { Shop } from './shop.ts';

/** Checks that every response is true, and that the same key got the same response. */
export function answerProblems({ orders: { state } }: Shop, answers: Answers, story: Chronicle): string[] {
  const problems: string[] = [];
  const failureOf = ({ state: is }: Order): Refusal | undefined =>
    'ending' in is && is.ending.status === 'FAILED' ? is.ending.refusal : undefined;
  const isOneOf = (refusal: Refusal, ...others: (Refusal | null | undefined)[]) =>
    others.some((other) => other && textOf(other) === textOf(refusal));
  const all = {
    orders: [...state.orders.values()],
    payments: [...state.payments.values()],
    refunds: [...state.refunds.values()],
  };

  for (const { key, atStep, answer, request } of answers.placed) {
    const order = all.orders.find((each) => each.userId === request.userId && each.key === key);
    if (answer.$case === 'order') {
      stands(answer.value.status, answer.value.id);
      if (order?.id !== answer.value.id) problems.push(`${key} got order ${answer.value.id}, but has ${order?.id}`);
    } else if (order && story.bornAt(order.id) < atStep && order.usePoints === request.usePoints) {
      const wasNever =
        answer.value.code === 'ORDER_EXPIRED' && statusOf(order.state) === 'EXPIRED' && order.reservedAtMs === null;
      if (!wasNever && !isOneOf(answer.value, failureOf(order)))
        problems.push(`${key} has order ${order.id}, but got ${textOf(answer.value)}`);
    } else if (order && story.bornAt(order.id) < atStep && answer.value.code !== 'IDEMPOTENCY_KEY_REUSED') {
      problems.push(`${key} was sent with another body, but got ${answer.value.code}`);
    }
  }
  for (const { key, atStep, answer, orderId } of answers.paid) {
    const payment = all.payments.find((each) => each.orderId === orderId && each.key === key);
    if (answer.$case === 'payment') {
      const { id, status, amount } = answer.value;
      if (answer.value.order) stands(answer.value.order.status, orderId);
      if (payment?.id !== id) problems.push(`${key} got payment ${id}, but has ${payment?.id}`);
      const isIn = payment?.status === 'COMPLETED' || payment?.status === 'REFUNDED';
      if (status === 'COMPLETED' && !isIn) problems.push(`${key} got COMPLETED, but its payment is ${payment?.status}`);
      if (status === 'COMPLETED' && payment?.amount !== amount) problems.push(`${key} got another amount`);
    } else if (payment && story.bornAt(payment.id) < atStep && answer.value.code !== 'IDEMPOTENCY_KEY_REUSED') {
      const order = state.orders.get(orderId);
      const known = [payment.refusal, order && failureOf(order)];
      // A payment that arrived after its refusal has no refusal any more.
      if (payment.status === 'FAILED' && !isOneOf(answer.value, ...known))
        problems.push(`${key} got ${textOf(answer.value)}`);
    }
  }
  for (const { answer, orderId } of answers.cancelled) {
    if (answer.$case === 'order') stands(answer.value.status, orderId);
  }
  for (const { key, atStep, answer, orderId } of answers.refunded) {
    const refund = all.refunds.find((each) => each.orderId === orderId && each.key === key);
    if (answer.$case === 'refund') {
      const { id, amount, points } = answer.value;
      if (refund?.id !== id || refund.money !== amount || refund.points !== points) {
        problems.push(`${key} got refund ${id}, but has ${refund?.id}`);
      }
    } else if (refund && story.bornAt(refund.id) < atStep && answer.value.code !== 'IDEMPOTENCY_KEY_REUSED') {
      problems.push(`${key} has refund ${refund.id}, but got ${textOf(answer.value)}`);
    }
  }
  return problems;

  /** A final status never changes, except that a paid order may be refunded. */
  function stands(received: string, orderId: bigint): void {
    const order = state.orders.get(orderId);
    const is = order ? statusOf(order.state) : 'nothing';
    const mayBe: Readonly<Record<string, readonly string[]>> = {
      PENDING: [is],
      RESERVED: [is],
      PAID: ['PAID', 'REFUNDED'],
    };
    if (!(mayBe[received] ?? [received]).includes(is))
      problems.push(`order ${orderId} was reported ${received}, but is ${is}`);
  }
}
