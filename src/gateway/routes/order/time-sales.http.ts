import { z } from 'zod';
import type { OrderService } from '../../../contexts/order/api.ts';
import { mayLag, type Principal, toProto } from '../../auth/principal.ts';
import { valueFrom } from '../../problems/problem.ts';
import { MANAGERS, type Route, route } from '../../server/route.ts';
import { EmptyBody, PageFields, PathId, pageJson, pageOf, pageView } from '../../server/schemas.ts';
import type { OpenStreams } from '../../streams/open-streams.ts';
import type { StockSource, StockStreams } from '../../streams/stock-streams.ts';
import type { StreamPlaces } from '../../streams/stream-places.ts';
import {
  TIME_SALE_BODY_EXAMPLE,
  TIME_SALE_EXAMPLE,
  TIME_SALE_PATCH_EXAMPLE,
  TIME_SALE_STOCK_EXAMPLE,
  TimeSaleBody,
  TimeSalePatch,
  TimeSaleStatus,
  TimeSaleView,
  timeSaleJson,
  timeSaleStockJson,
} from './time-sale.schemas.ts';

const OneTimeSale = z.strictObject({ id: PathId });
const TimeSalesQuery = z.strictObject({ ...PageFields, status: TimeSaleStatus.optional() });

export type TimeSalesApi = Pick<
  OrderService,
  'createTimeSale' | 'changeTimeSale' | 'stopTimeSale' | 'getTimeSale' | 'listTimeSales'
>;

/** One query a second for all streams of a time sale on a node: 10,000 streams cost as much as one. */
const stockSource = (order: Pick<OrderService, 'getTimeSale'>): StockSource => ({
  pollMs: 1_000,
  async read(timeSaleId) {
    const { outcome } = await order.getTimeSale({ timeSaleId, principal: undefined });
    return outcome?.$case === 'timeSale' ? timeSaleStockJson(outcome.value) : undefined;
  },
});

export function timeSalesRoutes({
  order,
  openStreams,
  streams,
  streamPlaces,
}: {
  readonly order: TimeSalesApi;
  readonly openStreams: OpenStreams;
  readonly streams: StockStreams;
  readonly streamPlaces: StreamPlaces;
}): readonly Route[] {
  const source = stockSource(order);

  async function find(principal: Principal | undefined, timeSaleId: bigint) {
    const message = { timeSaleId, principal: principal && toProto(principal) };
    return valueFrom((await order.getTimeSale(message)).outcome);
  }

  return [
    route({
      id: 'createTimeSale',
      tag: 'time sales',
      method: 'POST',
      paths: ['/api/v1/time-sales'],
      summary: "Create a time sale: a part of a product's stock at a lower price for a limited time",
      description:
        "The quantity is allocated from the product's stock at once; units that are left at the end return to it. " +
        'Buyers pay salePrice, or the price of the product where that is lower. An OWNER creates time sales of products of their stores.',
      access: MANAGERS,
      scope: 'catalog:write',
      status: 201,
      response: {
        schema: TimeSaleView,
        example: { ...TIME_SALE_EXAMPLE, remaining: 500, soldQuantity: 0, status: 'SCHEDULED' },
      },
      bodyExample: TIME_SALE_BODY_EXAMPLE,
      refusals: ['PRODUCT_NOT_FOUND', 'OUT_OF_STOCK'],
      idempotent: true,
      body: TimeSaleBody,
      async handle({ principal, call, body }) {
        const message = { ...body, principal: toProto(principal), commandKey: call.takeCommandKey() };
        return timeSaleJson(call.valueFrom(await order.createTimeSale(message)));
      },
    }),
    route({
      id: 'updateTimeSale',
      tag: 'time sales',
      method: 'PATCH',
      paths: ['/api/v1/time-sales/:id'],
      summary: 'Change quantity, limit or end of a time sale, also while it runs',
      description: 'The price can be changed before the start. Orders that are placed keep their units and prices.',
      access: MANAGERS,
      scope: 'catalog:write',
      status: 200,
      response: { schema: TimeSaleView, example: TIME_SALE_EXAMPLE },
      bodyExample: TIME_SALE_PATCH_EXAMPLE,
      refusals: ['TIME_SALE_NOT_FOUND', 'TIME_SALE_NOT_ACTIVE', 'OUT_OF_STOCK'],
      idempotent: true,
      params: OneTimeSale,
      body: TimeSalePatch,
      async handle({ principal, call, params: { id }, body }) {
        const { salePrice, quantity, limitPerUser, endsAt } = body;
        const edit = { salePrice, quantity, limitPerUser, endsAt };
        const message = { ...edit, timeSaleId: id, principal: toProto(principal), commandKey: call.takeCommandKey() };
        return timeSaleJson(call.valueFrom(await order.changeTimeSale(message)));
      },
    }),
    route({
      id: 'stopTimeSale',
      tag: 'time sales',
      method: 'POST',
      paths: ['/api/v1/time-sales/:id/stop'],
      summary: 'Stop a time sale now',
      description:
        'Its free units return to the product at once, those in unpaid orders when they are cancelled or expire. Paid orders ' +
        'stay. A sale that is over stays as it is.',
      access: MANAGERS,
      scope: 'catalog:write',
      status: 200,
      response: { schema: TimeSaleView, example: { ...TIME_SALE_EXAMPLE, remaining: 0, status: 'ENDED' } },
      bodyExample: {},
      refusals: ['TIME_SALE_NOT_FOUND'],
      idempotent: true,
      params: OneTimeSale,
      body: EmptyBody,
      async handle({ principal, call, params: { id } }) {
        const message = { timeSaleId: id, principal: toProto(principal), commandKey: call.takeCommandKey() };
        return timeSaleJson(call.valueFrom(await order.stopTimeSale(message)));
      },
    }),
    route({
      id: 'listTimeSales',
      tag: 'time sales',
      method: 'GET',
      paths: ['/api/v1/time-sales'],
      summary: 'List time sales, newest first',
      access: 'ANYBODY',
      sharedBy: 'CUSTOMERS',
      scope: 'catalog:read',
      status: 200,
      response: {
        schema: pageView('timeSales', TimeSaleView).meta({ id: 'TimeSaleList' }),
        example: { timeSales: [TIME_SALE_EXAMPLE], nextCursor: null, hasMore: false },
      },
      query: TimeSalesQuery,
      async handle({ principal, query }) {
        const message = { page: pageOf(query), status: query.status, mayLag: mayLag(principal) };
        const { timeSales, nextCursor } = await order.listTimeSales(message);
        return {
          timeSales: timeSales.map(timeSaleJson),
          ...pageJson(nextCursor),
        };
      },
    }),
    route({
      id: 'getTimeSale',
      tag: 'time sales',
      method: 'GET',
      paths: ['/api/v1/time-sales/:id'],
      summary: 'Read a time sale',
      access: 'ANYBODY',
      sharedBy: 'CUSTOMERS',
      scope: 'catalog:read',
      status: 200,
      response: { schema: TimeSaleView, example: TIME_SALE_EXAMPLE },
      refusals: ['TIME_SALE_NOT_FOUND'],
      params: OneTimeSale,
      async handle({ principal, params: { id } }) {
        return timeSaleJson(await find(principal, id));
      },
    }),
    route({
      id: 'streamTimeSaleStock',
      tag: 'time sales',
      method: 'GET',
      paths: ['/api/v1/time-sales/:id/stream'],
      summary: 'Stream the remaining units of a time sale',
      description: 'Server-sent events named `stock`, one at once and one after each change, checked every second.',
      access: 'ANYBODY',
      scope: 'catalog:read',
      status: 200,
      response: {
        schema: z.string(),
        example: `event: stock\ndata: ${JSON.stringify(TIME_SALE_STOCK_EXAMPLE)}\n\n`,
        type: 'text/event-stream',
      },
      refusals: ['TIME_SALE_NOT_FOUND'],
      sendsResponse: true,
      params: OneTimeSale,
      async handle({ principal, params: { id }, request, reply }): Promise<void> {
        streamPlaces.take(principal, request, reply);
        openStreams.requireRoom();
        // When a sale opens, thousands of streams start together.
        const stock = streams.latest(source, id) ?? timeSaleStockJson(await find(principal, id));
        streams.watch(source, id, stock, reply);
      },
    }),
  ];
}
