import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BodyId, BodyUserId, PathUserId } from './schemas.ts';
import { userFieldsOf } from './user-fields.ts';

describe('the fields of a schema that name users', () => {
  it('fields that name users are found by their schemas, whatever their names', () => {
    const schema = z
      .strictObject({
        ownerId: BodyUserId.optional().meta({ description: 'Of the store' }),
        buyer: BodyUserId.meta({ description: 'Who pays' }).nullable(),
        payer: PathUserId.default(1n),
        members: z.array(BodyUserId).min(1).max(10).optional(),
        userId: BodyId,
      })
      .refine(() => true)
      .optional();
    expect(userFieldsOf(schema)).toEqual({ single: ['ownerId', 'buyer', 'payer'], lists: ['members'] });
  });

  it('a schema of no object, and none, have no fields that name users', () => {
    for (const schema of [undefined, z.string(), BodyUserId])
      expect(userFieldsOf(schema)).toEqual({ single: [], lists: [] });
  });
});
