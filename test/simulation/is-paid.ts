import type { Order } from '../../src/contexts/order/domain/order.ts';

/** Or was, and all of it went back. */
export const isPaid = ({ state: { status } }: Order): boolean => status === 'PAID' || status === 'REFUNDED';
