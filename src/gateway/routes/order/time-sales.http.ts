import { Body, Controller, Get, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { OrderService } from '../../../contexts/order/api.ts';
import { type Principal, toProto } from '../../auth/principal.ts';
import { Keyed, type KeyedCall } from '../../idempotency/keyed-call.ts';
import { valueFrom } from '../../problems/problem.ts';
import { Operation } from '../../server/operation.ts';
import { CurrentPrincipal } from '../../server/request.ts';
import { PageFields, PathId, pageOf, pageView } from '../../server/schemas.ts';
import { ORDER_API, STOCK_STREAMS } from '../../server/tokens.ts';
import { openEventStream } from '../../streams/event-stream.ts';
import type { StockSource, StockStreams } from '../../streams/stock-streams.ts';
import {
  TIME_SALE_BODY_EXAMPLE,
  TIME_SALE_EXAMPLE,
  TIME_SALE_STATUSES,
  TIME_SALE_STOCK_EXAMPLE,
  TimeSaleBody,
  TimeSaleView,
  timeSaleJson,
  timeSaleStockJson,
} from './time-sale.schemas.ts';

const OneTimeSale = z.strictObject({ id: PathId });
const TimeSalesQuery = z.strictObject({ ...PageFields, status: z.enum(TIME_SALE_STATUSES).optional() });

export type TimeSalesApi = Pick<OrderService, 'createTimeSale' | 'getTimeSale' | 'listTimeSales'>;

/** One query a second for all streams of a time sale on a node: 10,000 streams cost as much as one. */
const stockSource = (order: Pick<OrderService, 'getTimeSale'>): StockSource => ({
  pollMs: 1_000,
  async read(timeSaleId) {
    const { outcome } = await order.getTimeSale({ timeSaleId, principal: undefined });
    return outcome?.$case === 'timeSale' ? timeSaleStockJson(outcome.value) : undefined;
  },
});

@ApiTags('time sales')
@Controller('api/v1/time-sales')
export class TimeSalesController {
  readonly #order: TimeSalesApi;
  readonly #streams: StockStreams;
  readonly #stock: StockSource;

  constructor(@Inject(ORDER_API) order: TimeSalesApi, @Inject(STOCK_STREAMS) streams: StockStreams) {
    this.#order = order;
    this.#streams = streams;
    this.#stock = stockSource(order);
  }

  @Post()
  @Operation({
    summary: "Create a time sale: a part of a product's stock at a lower price for a limited time",
    description:
      'The quantity is taken out of the stock of the product at once; what is left at the end goes back. Who buys in it pays ' +
      'salePrice. An OWNER does it with own products.',
    access: ['ADMIN', 'OWNER'],
    status: 201,
    response: {
      schema: TimeSaleView,
      example: { ...TIME_SALE_EXAMPLE, remaining: 500, soldQuantity: 0, status: 'SCHEDULED' },
    },
    bodyExample: TIME_SALE_BODY_EXAMPLE,
    refusals: ['PRODUCT_NOT_FOUND', 'OUT_OF_STOCK'],
    idempotent: true,
  })
  async create(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Body({ schema: TimeSaleBody }) body: z.output<typeof TimeSaleBody>,
  ) {
    const message = { ...body, principal: toProto(principal), commandKey: call.commandKey };
    return timeSaleJson(call.valueFrom(await this.#order.createTimeSale(message)));
  }

  @Get()
  @Operation({
    summary: 'List time sales, newest first',
    access: 'ANYBODY',
    status: 200,
    response: {
      schema: pageView('timeSales', TimeSaleView),
      example: { timeSales: [TIME_SALE_EXAMPLE], nextCursor: null, hasMore: false },
    },
    query: true,
  })
  async list(@Query({ schema: TimeSalesQuery }) query: z.output<typeof TimeSalesQuery>) {
    const message = { page: pageOf(query), status: query.status };
    const { timeSales, nextCursor } = await this.#order.listTimeSales(message);
    return {
      timeSales: timeSales.map(timeSaleJson),
      nextCursor: nextCursor ?? null,
      hasMore: nextCursor !== undefined,
    };
  }

  @Get(':id')
  @Operation({
    summary: 'Read a time sale',
    access: 'ANYBODY',
    status: 200,
    response: { schema: TimeSaleView, example: TIME_SALE_EXAMPLE },
    refusals: ['TIME_SALE_NOT_FOUND'],
  })
  async read(@Req() request: FastifyRequest, @Param({ schema: OneTimeSale }) { id }: z.output<typeof OneTimeSale>) {
    return timeSaleJson(await this.#find(request, id));
  }

  @Get(':id/stream')
  @Operation({
    summary: 'Stream the remaining units of a time sale',
    description: 'Server-sent events named `stock`, one at once and one after each change, checked every second.',
    access: 'ANYBODY',
    status: 200,
    response: {
      schema: z.string(),
      example: `event: stock\ndata: ${JSON.stringify(TIME_SALE_STOCK_EXAMPLE)}\n\n`,
      type: 'text/event-stream',
    },
    refusals: ['TIME_SALE_NOT_FOUND'],
  })
  async stream(
    @Req() request: FastifyRequest,
    @Param({ schema: OneTimeSale }) { id }: z.output<typeof OneTimeSale>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    this.#streams.requireRoom();
    // When a sale opens, thousands of streams start together.
    const stock = this.#streams.latest(this.#stock, id) ?? timeSaleStockJson(await this.#find(request, id));
    this.#streams.watch(this.#stock, id, stock, openEventStream(reply));
  }

  async #find({ principal }: FastifyRequest, timeSaleId: bigint) {
    const message = { timeSaleId, principal: principal && toProto(principal) };
    return valueFrom((await this.#order.getTimeSale(message)).outcome);
  }
}
