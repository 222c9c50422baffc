import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { id, topic } from '../../../../platform/events/topic.ts';
import { terms } from '../../test/policies.ts';
import { resolveTrigger, triggersOf } from './trigger.ts';

const about = (fields: z.ZodRawShape) =>
  topic({
    summary: 'It happened',
    key: 'subjectId',
    data: z.object({ subjectId: id('It'), ...fields }),
    example: {} as never,
  });
const user = { userId: id('Whose') };
const triggers = triggersOf({
  'user.signed_up': about(user),
  'order.paid': about(user),
  'coupon.issued': about(user),
  'coupon-policy.ended': about({}),
  'store.opened': about({}),
});
const waiting = (triggerEventType: string | undefined) =>
  resolveTrigger(terms({ distributionType: 'EVENT', triggerEventType }), triggers);

describe('triggers', () => {
  it('the triggers are the events about a user, except coupon events', () => {
    expect([...triggers.keys()]).toEqual(['user.signed_up', 'order.paid']);
  });

  it.each([
    ['user.signed_up', 'user.signed_up'],
    ['USER_SIGNED_UP', 'user.signed_up'],
    ['order.paid', 'order.paid'],
  ])('a trigger %s becomes the topic %s', (named, stored) => {
    expect(waiting(named)).toMatchObject({ triggerEventType: stored });
  });

  it.each(['user.signed-up', 'User.Signed_Up', 'coupon.issued', 'store.opened', '', 'constructor'])(
    'the trigger %j is refused, and the refusal lists the known ones',
    (named) => {
      expect(waiting(named)).toEqual({
        code: 'VALIDATION_FAILED',
        details: { triggerEventType: 'must be one of user.signed_up, order.paid' },
      });
    },
  );

  it('terms without a trigger stay unchanged', () => {
    expect(waiting(undefined)).toEqual(terms({ distributionType: 'EVENT' }));
  });
});
