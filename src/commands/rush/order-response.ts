import { fieldsOf } from './response-body.ts';

/** The data of an order's response. Money in the smallest unit. */
export interface OrderData {
  readonly orderId: string;
  readonly status: string;
  readonly subtotal: number;
  readonly couponDiscount: number;
  readonly pointsUsed: number;
  readonly total: number;
}

/** Returns the data of a response to placing or paying an order; undefined for any other response. */
export function readOrder(status: number, body: string): OrderData | undefined {
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
