import { eventTypeOf } from '../../../../platform/events/expand.ts';
import type { Topics } from '../../../../platform/events/topic.ts';
import { type Refusal, refuse } from '../../../../platform/kernel/refusal.ts';
import type { PolicyTerms } from '../../api.ts';

/** The event types that may issue: topic to the name that its envelopes carry, such as USER_SIGNED_UP. */
export type Triggers = ReadonlyMap<string, string>;

/** Every event about a user. The coupons' own are left out, so that no coupon issues another without end. */
export const triggersOf = (topics: Topics): Triggers =>
  new Map(
    Object.entries(topics)
      .filter(([name, { data }]) => 'userId' in data.shape && !name.startsWith('coupon.'))
      .map(([name]) => [name, eventTypeOf(name)]),
  );

/** Terms with their trigger as a topic, however it was written. Refused: VALIDATION_FAILED, with what there is. */
export function resolveTrigger(terms: PolicyTerms, triggers: Triggers): PolicyTerms | Refusal {
  const { triggerEventType: requested } = terms;
  if (requested === undefined) return terms;
  for (const [topic, eventType] of triggers) {
    if (requested === topic || requested === eventType) return { ...terms, triggerEventType: topic };
  }
  return refuse('VALIDATION_FAILED', { triggerEventType: `must be one of ${[...triggers.keys()].join(', ')}` });
}
