import { expect, test } from 'vitest';
import { responseSchemas } from './response-schemas.ts';

const id = { type: 'string' };
const object = (properties: Readonly<Record<string, object>>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const EXTENDED = { WebhookWithSecret: 'Webhook' };
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

test('an object of responses allows fields of later versions, and an object of requests does not, at any depth', () => {
  const schemas = {
    Order: object({ id }),
    PlaceOrderRequest: object({ items: { type: 'array', items: ref('Item') } }),
    Item: object({ id }),
  };
  const described = responseSchemas(schemas, { schema: ref('PlaceOrderRequest') }, {});
  expect(described['Order']).not.toHaveProperty('additionalProperties');
  expect(described['PlaceOrderRequest']).toEqual(schemas.PlaceOrderRequest);
  expect(described['Item']).toEqual(schemas.Item);
});

test('an object that has all fields of another one states the further ones alone', () => {
  const schemas = { Webhook: object({ id }), WebhookWithSecret: object({ id, secret: id }) };
  expect(responseSchemas(schemas, [], EXTENDED)['WebhookWithSecret']).toEqual({
    type: 'object',
    allOf: [ref('Webhook')],
    properties: { secret: id },
    required: ['secret'],
  });
});

test('an object that lacks a field of the one that it extends is refused', () => {
  const schemas = { Webhook: object({ id, url: id }), WebhookWithSecret: object({ id, secret: id }) };
  expect(() => responseSchemas(schemas, [], EXTENDED)).toThrow('url differs from that of Webhook');
});

test('an object that extends another one is refused when one of the two is not in the document, as after a rename', () => {
  const [Webhook, WebhookWithSecret] = [object({ id }), object({ id, secret: id })];
  expect(() => responseSchemas({ WebhookWithSecret }, [], EXTENDED)).toThrow('the document has no Webhook');
  expect(() => responseSchemas({ Webhook }, [], EXTENDED)).toThrow('the document has no WebhookWithSecret');
});

test('an object that extends another one is refused when requests use one of the two', () => {
  const schemas = { Webhook: object({ id }), WebhookWithSecret: object({ id, secret: id }) };
  expect(() => responseSchemas(schemas, { schema: ref('Webhook') }, EXTENDED)).toThrow('requests use Webhook');
  expect(() => responseSchemas(schemas, { schema: ref('WebhookWithSecret') }, EXTENDED)).toThrow(
    'requests use WebhookWithSecret',
  );
});
