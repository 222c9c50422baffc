import { Body, Controller, Get, Inject, Param, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { OrderService } from '../../../contexts/order/api.ts';
import { type Principal, toProto } from '../../auth/principal.ts';
import { Keyed, type KeyedCall } from '../../idempotency/keyed-call.ts';
import { valueFrom } from '../../problems/problem.ts';
import { Operation } from '../../server/operation.ts';
import { CurrentPrincipal } from '../../server/request.ts';
import { PathId, pageOf, pageView } from '../../server/schemas.ts';
import { ORDER_API } from '../../server/tokens.ts';
import {
  PopularQuery,
  PopularView,
  PRODUCT_BODY_EXAMPLE,
  PRODUCT_EXAMPLE,
  PRODUCT_PATCH_EXAMPLE,
  ProductBody,
  ProductPatch,
  ProductsQuery,
  ProductView,
  productJson,
} from './product.schemas.ts';

const EDITORS = ['ADMIN', 'OWNER'] as const;
const OneProduct = z.strictObject({ id: PathId });
const POPULAR_DEFAULT = 10;

/** Optional, because these routes need no token. */
const protoPrincipalOf = ({ principal }: FastifyRequest) => principal && toProto(principal);

export type ProductsApi = Pick<
  OrderService,
  'createProduct' | 'updateProduct' | 'getProduct' | 'listProducts' | 'listPopularProducts'
>;

@ApiTags('products')
@Controller('api/v1/products')
export class ProductsController {
  readonly #order: ProductsApi;

  constructor(@Inject(ORDER_API) order: ProductsApi) {
    this.#order = order;
  }

  @Post()
  @Operation({
    summary: 'Put a product on sale',
    access: EDITORS,
    status: 201,
    response: {
      schema: ProductView,
      example: { ...PRODUCT_EXAMPLE, activeTimeSale: null, reservedStock: 0, soldCount: 0 },
    },
    bodyExample: PRODUCT_BODY_EXAMPLE,
    idempotent: true,
  })
  async create(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Body({ schema: ProductBody }) body: z.output<typeof ProductBody>,
  ) {
    const { commandKey } = call;
    const message = { ...body, storeId: body.storeId ?? undefined, principal: toProto(principal), commandKey };
    return productJson(call.valueFrom(await this.#order.createProduct(message)));
  }

  @Patch(':id')
  @Operation({
    summary: 'Change a product',
    description:
      'What is left out stays as it is. `version` is the one that was read: if somebody else changed the product since, nothing ' +
      'is changed; orders do not count as changes. Stock is added or taken, never set, so that no sale is undone. An OWNER ' +
      'changes own products.',
    access: EDITORS,
    status: 200,
    response: { schema: ProductView, example: { ...PRODUCT_EXAMPLE, version: 2 } },
    bodyExample: PRODUCT_PATCH_EXAMPLE,
    refusals: ['PRODUCT_NOT_FOUND', 'OPTIMISTIC_LOCK_FAILURE', 'OUT_OF_STOCK'],
    idempotent: true,
  })
  async update(
    @CurrentPrincipal() principal: Principal,
    @Keyed() call: KeyedCall,
    @Param({ schema: OneProduct }) { id }: z.output<typeof OneProduct>,
    @Body({ schema: ProductPatch }) patch: z.output<typeof ProductPatch>,
  ) {
    const message = { ...patch, principal: toProto(principal), productId: id, commandKey: call.commandKey };
    return productJson(call.valueFrom(await this.#order.updateProduct(message)));
  }

  @Get()
  @Operation({
    summary: 'List products, newest first',
    description:
      'By cursor, or by page: 20 a page. A product that is HIDDEN is listed for those only who may change it.',
    access: 'ANYBODY',
    status: 200,
    response: {
      schema: pageView('products', ProductView),
      example: { products: [PRODUCT_EXAMPLE], nextCursor: null, hasMore: false },
    },
    query: true,
  })
  async list(@Req() request: FastifyRequest, @Query({ schema: ProductsQuery }) query: z.output<typeof ProductsQuery>) {
    const { products, nextCursor } = await this.#order.listProducts({
      pageNumber: query.page ?? 0,
      page: pageOf(query),
      storeId: query.storeId,
      principal: protoPrincipalOf(request),
    });
    return {
      products: products.map(productJson),
      nextCursor: nextCursor ?? null,
      hasMore: nextCursor !== undefined,
    };
  }

  @Get('popular')
  @Operation({
    summary: 'The products that sold most',
    description: 'By quantity paid for and not refunded, counted by the payment itself. What never sold is not in it.',
    access: 'ANYBODY',
    status: 200,
    response: { schema: PopularView, example: { products: [{ ...PRODUCT_EXAMPLE, quantitySold: 497 }] } },
    query: true,
  })
  async popular(@Query({ schema: PopularQuery }) { limit, days }: z.output<typeof PopularQuery>) {
    const { products } = await this.#order.listPopularProducts({ limit: limit ?? POPULAR_DEFAULT, days });
    return {
      products: products.flatMap(({ product, quantitySold }) =>
        product ? [{ ...productJson(product), quantitySold: Number(quantitySold) }] : [],
      ),
    };
  }

  @Get(':id')
  @Operation({
    summary: 'Read a product',
    access: 'ANYBODY',
    status: 200,
    response: { schema: ProductView, example: PRODUCT_EXAMPLE },
    refusals: ['PRODUCT_NOT_FOUND'],
  })
  async read(@Req() request: FastifyRequest, @Param({ schema: OneProduct }) { id }: z.output<typeof OneProduct>) {
    const message = { productId: id, principal: protoPrincipalOf(request) };
    return productJson(valueFrom((await this.#order.getProduct(message)).outcome));
  }
}
