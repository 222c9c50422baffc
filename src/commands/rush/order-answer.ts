import { fieldsOf } from './answer-body.ts';

/** What an order's answer tells. Money in the smallest unit. */
export interface ToldOrder {
  readonly orderId: string;
  readonly status: string;
  readonly subtotal: number;
  readonly couponDiscount: number;
  readonly pointsUsed: number;
  readonly total: number;
}

/** Of an answer to placing or to paying an order; undefined of any other. */
export function readOrder(status: number, body: string): ToldOrder | undefined {
  if (status >= 300) return undefined;
  const fields = fieldsOf(body);
  const order = (fields['order'] ?? fields) as Record<string, unknown>;
  const { orderId } = order;
  const amount = (name: string): number => Number(order[name]);
  return typeof orderId === 'string'
    ? {
        orderId,
        status: String(order['status']),
        subtotal: amount('subtotal'),
        couponDiscount: amount('couponDiscount'),
        pointsUsed: amount('pointsUsed'),
        total: amount('total'),
      }
    : undefined;
}
