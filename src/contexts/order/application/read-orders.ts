import { cutPage, readPage } from '../../../platform/kernel/pages.ts';
import { toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import type { GetOrderRequest, ListOrdersRequest, ListOrdersResponse, OrderResponse } from '../api.ts';
import { refuse } from '../refusals.ts';
import { toOrderResponse, toOrderView } from './order-views.ts';
import type { OrderReader } from './ports.ts';

export const getOrder =
  (reader: Pick<OrderReader, 'findOrder'>) =>
  async ({ orderId, userId }: GetOrderRequest): Promise<OrderResponse> => {
    const order = await reader.findOrder(orderId);
    const isVisible = order && (userId === undefined || order.userId === userId);
    return isVisible ? toOrderResponse(order) : toRefusalResponse(refuse('ORDER_NOT_FOUND'));
  };

/** Orders, newest first. Returns an empty page for a cursor that was not issued by this operation. */
export const listOrders =
  (reader: Pick<OrderReader, 'listOrders'>) =>
  async ({ userId, storeId, from, to, page, status }: ListOrdersRequest): Promise<ListOrdersResponse> => {
    const query = readPage(page);
    if (!query) return { orders: [], nextCursor: undefined };
    const { limit, before } = query;
    const times = { fromMs: from?.getTime(), toMs: to?.getTime() };
    const found = await reader.listOrders({ userId, storeId, status, ...times, before, limit: limit + 1 });
    const { rows, nextCursor } = cutPage(found, limit, ({ id }) => id);
    return { orders: rows.map(toOrderView), nextCursor };
  };
