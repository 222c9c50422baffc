import { expect, test } from 'vitest';
import { z } from 'zod';
import { Components, pascalCase } from './components.ts';
import { schemaOf } from './schema-of.ts';

test('a name of the OpenAPI document stands for one content', () => {
  const components = new Components();
  expect(components.add('schemas', 'Coupon', { type: 'object' })).toEqual({ $ref: '#/components/schemas/Coupon' });
  expect(components.add('schemas', 'Coupon', { type: 'object' })).toEqual({ $ref: '#/components/schemas/Coupon' });
  expect(() => components.add('schemas', 'Coupon', { type: 'string' })).toThrow(/are named Coupon/);
  // Of another kind.
  components.add('responses', 'Coupon', { description: 'The coupon' });
});

test('a part with the content of another one is that one', () => {
  const components = new Components();
  const first = components.share('responses', 'UseCoupon409', { description: 'Conflict' });
  expect(components.share('responses', 'ReserveCoupon409', { description: 'Conflict' })).toEqual(first);
  expect(Object.keys(components.toJson().responses)).toEqual(['UseCoupon409']);
});

test('a schema with an id is a component, at any depth, and one without has the name of its place', () => {
  const components = new Components();
  const Line = z.strictObject({ amount: z.int() }).meta({ id: 'Line' });
  const body = z.strictObject({ lines: z.array(Line), note: z.string().nullable() });
  expect(schemaOf(components, body, 'QuoteRequest')).toEqual({ $ref: '#/components/schemas/QuoteRequest' });
  expect(components.toJson().schemas).toEqual({
    Line: {
      type: 'object',
      properties: { amount: { type: 'integer', format: 'int64' } },
      required: ['amount'],
      additionalProperties: false,
    },
    QuoteRequest: {
      type: 'object',
      properties: {
        lines: { type: 'array', items: { $ref: '#/components/schemas/Line' } },
        note: { type: ['string', 'null'] },
      },
      required: ['lines', 'note'],
      additionalProperties: false,
    },
  });
});

test('what is not an object is described in its place, with one value as an enum and small integers without a format', () => {
  const components = new Components();
  expect(schemaOf(components, z.literal('ok'), 'Health')).toEqual({ type: 'string', enum: ['ok'] });
  expect(schemaOf(components, z.literal([7, 3]))).toEqual({ type: 'integer', enum: [7, 3] });
  expect(schemaOf(components, z.int().min(1).max(100))).toEqual({ type: 'integer', minimum: 1, maximum: 100 });
});

test('the example of a list is that of its items, stated once', () => {
  const components = new Components();
  const Item = z.strictObject({ id: z.string() }).meta({ id: 'Item' });
  const list = z
    .strictObject({ items: z.array(Item), nextCursor: z.string().nullable(), hasMore: z.boolean() })
    .meta({ id: 'ItemList' });
  const described = schemaOf(components, list);
  expect(components.addExample(described, { items: [{ id: '1' }], nextCursor: null, hasMore: false })).toBe(true);
  expect(components.addExample(schemaOf(components, Item), { id: '2' })).toBe(true);
  expect(components.addExample({ type: 'string' }, 'text')).toBe(false);
  expect(components.toJson().schemas['Item']?.['examples']).toEqual([{ id: '1' }]);
});

test.each([
  ['issueCoupon', 'IssueCoupon'],
  ['COUPON_SOLD_OUT', 'CouponSoldOut'],
  ['FORBIDDEN', 'Forbidden'],
])('the component of %s is named %s', (name, expected) => {
  expect(pascalCase(name)).toBe(expected);
});
