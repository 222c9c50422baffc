import { z } from 'zod';
import type { OrderService } from '../../../contexts/order/api.ts';
import { mayLag, type Principal, toProto } from '../../auth/principal.ts';
import { valueFrom } from '../../problems/problem.ts';
import { MANAGERS, type Route, route } from '../../server/route.ts';
import { PathId, pageJson, pageOf, pageView } from '../../server/schemas.ts';
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

const OneProduct = z.strictObject({ id: PathId });
const POPULAR_DEFAULT = 10;

/** Optional, because these routes need no token. */
const protoOf = (principal: Principal | undefined) => principal && toProto(principal);

export type ProductsApi = Pick<
  OrderService,
  'createProduct' | 'updateProduct' | 'getProduct' | 'listProducts' | 'listPopularProducts'
>;

export const productsRoutes = ({ order }: { readonly order: ProductsApi }): readonly Route[] => [
  route({
    id: 'createProduct',
    tag: 'products',
    method: 'POST',
    paths: ['/api/v1/products'],
    summary: 'Create a product',
    description: 'An OWNER sells by a store of theirs and names its storeId. Without one the platform sells it.',
    access: MANAGERS,
    scope: 'catalog:write',
    status: 201,
    response: {
      schema: ProductView,
      example: { ...PRODUCT_EXAMPLE, activeTimeSale: null, reservedStock: 0, soldCount: 0 },
    },
    bodyExample: PRODUCT_BODY_EXAMPLE,
    refusals: ['STORE_NOT_FOUND'],
    idempotent: true,
    body: ProductBody,
    async handle({ principal, call, body }) {
      const commandKey = call.takeCommandKey();
      const message = { ...body, storeId: body.storeId ?? undefined, principal: toProto(principal), commandKey };
      return productJson(call.valueFrom(await order.createProduct(message)));
    },
  }),
  route({
    id: 'updateProduct',
    tag: 'products',
    method: 'PATCH',
    paths: ['/api/v1/products/:id'],
    summary: 'Change a product',
    description:
      'Absent fields do not change. `version` is the one that was read: nothing is changed when the product was ' +
      'edited in the meantime; orders are no edits. Stock is added or subtracted, never set, so that no sale is ' +
      'undone. An OWNER changes products of their stores.',
    access: MANAGERS,
    scope: 'catalog:write',
    status: 200,
    response: { schema: ProductView, example: PRODUCT_EXAMPLE },
    bodyExample: PRODUCT_PATCH_EXAMPLE,
    refusals: ['PRODUCT_NOT_FOUND', 'OPTIMISTIC_LOCK_FAILURE', 'OUT_OF_STOCK'],
    idempotent: true,
    params: OneProduct,
    body: ProductPatch,
    async handle({ principal, call, params: { id }, body: patch }) {
      const message = { ...patch, principal: toProto(principal), productId: id, commandKey: call.takeCommandKey() };
      return productJson(call.valueFrom(await order.updateProduct(message)));
    },
  }),
  route({
    id: 'listProducts',
    tag: 'products',
    method: 'GET',
    paths: ['/api/v1/products'],
    summary: 'List products, newest first',
    description:
      'By cursor, or by page with 20 products each. A HIDDEN product is listed only for callers who may change it.',
    access: 'ANYBODY',
    sharedBy: 'CUSTOMERS',
    scope: 'catalog:read',
    status: 200,
    response: {
      schema: pageView('products', ProductView).meta({ id: 'ProductList' }),
      example: { products: [PRODUCT_EXAMPLE], nextCursor: null, hasMore: false },
    },
    query: ProductsQuery,
    async handle({ principal, query }) {
      const { products, nextCursor } = await order.listProducts({
        pageNumber: query.page ?? 0,
        page: pageOf(query),
        storeId: query.storeId,
        principal: protoOf(principal),
        mayLag: mayLag(principal),
      });
      return {
        products: products.map(productJson),
        ...pageJson(nextCursor),
      };
    },
  }),
  route({
    id: 'listPopularProducts',
    tag: 'products',
    method: 'GET',
    paths: ['/api/v1/products/popular'],
    summary: 'List the best-selling products',
    description:
      'By the paid and not refunded quantity, counted with each payment. Products that never sold are not listed.',
    access: 'ANYBODY',
    sharedBy: 'CUSTOMERS',
    scope: 'catalog:read',
    status: 200,
    response: { schema: PopularView, example: { products: [{ ...PRODUCT_EXAMPLE, quantitySold: 497 }] } },
    query: PopularQuery,
    async handle({ query: { limit, days } }) {
      const { products } = await order.listPopularProducts({ limit: limit ?? POPULAR_DEFAULT, days });
      return {
        products: products.flatMap(({ product, quantitySold }) =>
          product ? [{ ...productJson(product), quantitySold: Number(quantitySold) }] : [],
        ),
      };
    },
  }),
  route({
    id: 'getProduct',
    tag: 'products',
    method: 'GET',
    paths: ['/api/v1/products/:id'],
    summary: 'Read a product',
    access: 'ANYBODY',
    sharedBy: 'CUSTOMERS',
    scope: 'catalog:read',
    status: 200,
    response: { schema: ProductView, example: PRODUCT_EXAMPLE },
    refusals: ['PRODUCT_NOT_FOUND'],
    params: OneProduct,
    async handle({ principal, params: { id } }) {
      const message = { productId: id, principal: protoOf(principal) };
      return productJson(valueFrom((await order.getProduct(message)).outcome));
    },
  }),
];
