import { eventTypeOf } from '../../../../platform/events/expand.ts';
import type { Topics } from '../../../../platform/events/topic.ts';
import type { Refusal } from '../../../../platform/kernel/refusal.ts';
import type { RequestedTerms } from '../../domain/policy/policy-terms.ts';
import { refuse } from '../../refusals.ts';

/** The event types that may trigger issuing: topic to the type in its envelopes, such as USER_SIGNED_UP. */
export type Triggers = ReadonlyMap<string, string>;

/** All events about a user. Coupon events are excluded, so that coupons cannot trigger each other endlessly. */
export const triggersOf = (topics: Topics): Triggers =>
  new Map(
    Object.entries(topics)
      .filter(([name, { data }]) => 'userId' in data.shape && !name.startsWith('coupon.'))
      .map(([name]) => [name, eventTypeOf(name)]),
  );

/**
 * Returns the terms with their trigger as a topic; clients may also send its event type. Refuses an unknown one with
 * VALIDATION_FAILED and the list of topics.
 */
export function resolveTrigger<Terms extends Pick<RequestedTerms, 'triggerEventType'>>(
  terms: Terms,
  triggers: Triggers,
): Terms | Refusal {
  const { triggerEventType: requested } = terms;
  if (requested === undefined) return terms;
  for (const [topic, eventType] of triggers) {
    if (requested === topic || requested === eventType) return { ...terms, triggerEventType: topic };
  }
  return refuse('VALIDATION_FAILED', { triggerEventType: `must be one of ${[...triggers.keys()].join(', ')}` });
}
