import { expect, test } from 'vitest';
import { Components } from './components.ts';
import { shareRepeated } from './share-repeated.ts';

const order = {
  description: 'The order',
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Order' } } },
};
const placed = { ...order, description: 'The order, created' };
const page = { description: 'A page' };
const userId = { name: 'userId', in: 'query', schema: { type: 'string' } };
const operation = (operationId: string, responses: object, parameters: readonly object[] = []) => ({
  operationId,
  parameters,
  responses,
});

test('a response or parameter that several operations have becomes a component, named after its schema where that name is free', () => {
  const components = new Components();
  const paths = shareRepeated(components, {
    '/orders': {
      post: operation('placeOrder', { 201: placed }),
      get: operation('listOrders', { 200: page }, [userId]),
    },
    '/orders/{id}': { get: operation('getOrder', { 200: order }, [userId]) },
    '/orders/{id}/cancel': { post: operation('cancelOrder', { 200: order }) },
    '/time-sales/{id}/orders': { post: operation('orderTimeSale', { 201: placed }) },
  });
  const { responses, parameters } = components.toJson();
  // The first one in the document gets the name of the schema.
  expect(responses).toEqual({ Order: placed, GetOrder200: order });
  expect(parameters).toEqual({ UserId: userId });
  expect(paths['/orders/{id}/cancel']?.['post']?.['responses']).toEqual({
    200: { $ref: '#/components/responses/GetOrder200' },
  });
  expect(paths['/orders']?.['get']?.['parameters']).toEqual([{ $ref: '#/components/parameters/UserId' }]);
});

test('a response of one operation stays in its place', () => {
  const components = new Components();
  const paths = { '/orders': { get: operation('listOrders', { 200: page }) } };
  expect(shareRepeated(components, paths)).toEqual(paths);
  expect(components.toJson().responses).toEqual({});
});
