import { expect, it } from 'vitest';
import { z } from 'zod';
import { BodyUserId, PathUserId } from './schemas.ts';
import { fieldErrors } from './validation.ts';

const codesOf = (schema: z.ZodType, value: unknown) =>
  fieldErrors(schema.safeParse(value).error?.issues ?? [], 'en').map(({ field, code }) => [field, code]);

it('a rule that the library does not know has the code INVALID, as the rules of contexts have', () => {
  const schema = z.strictObject({ userId: PathUserId, buyer: BodyUserId, even: z.int().refine((n) => n % 2 === 0) });
  expect(codesOf(schema, { userId: 'ext:shop:1', buyer: 'ext:shop:1', even: 1 })).toEqual([
    ['userId', 'INVALID'],
    ['buyer', 'INVALID'],
    ['even', 'INVALID'],
  ]);
  expect(codesOf(schema, { userId: '1', buyer: 1, even: 'x' })).toEqual([['even', 'INVALID_TYPE']]);
});
