import { cutPage, readPage } from '../../../platform/kernel/pages.ts';
import { refuse } from '../../../platform/kernel/refusal.ts';
import type { GetOrderRequest, ListOrdersRequest, ListOrdersResponse, OrderResponse } from '../api.ts';
import { orderAnswer, refusedOrder, shownOrder } from './order-answers.ts';
import type { OrderReader } from './ports.ts';

export const getOrder =
  (reader: Pick<OrderReader, 'findOrder'>) =>
  async ({ orderId, userId }: GetOrderRequest): Promise<OrderResponse> => {
    const order = await reader.findOrder(orderId);
    const isShown = order && (userId === undefined || order.userId === userId);
    return isShown ? orderAnswer(order) : refusedOrder(refuse('ORDER_NOT_FOUND'));
  };

/** A user's orders, newest first. A cursor that is not ours gives an empty page. */
export const listOrders =
  (reader: Pick<OrderReader, 'listOrders'>) =>
  async ({ userId, page, status }: ListOrdersRequest): Promise<ListOrdersResponse> => {
    const wanted = readPage(page);
    if (!wanted) return { orders: [], nextCursor: undefined };
    const { limit, before } = wanted;
    const found = await reader.listOrders({ userId, status, before, limit: limit + 1 });
    const { rows, nextCursor } = cutPage(found, limit, ({ id }) => id);
    return { orders: rows.map(shownOrder), nextCursor };
  };
