import type { Delivery, Handler } from '../../../../platform/events/bus.ts';
import { parseId } from '../../../../platform/kernel/id-text.ts';
import type { IssueCommand } from '../../domain/issue/issue.ts';
import type { PolicyStore } from '../policy/ports.ts';
import type { CouponIssuer } from './issue-coupon.ts';

export const TRIGGERS_CONSUMER = 'coupon.event-policies';

/** Commands submitted to the batcher at once. */
const COMMANDS_MAX = 10_000;

/**
 * Issues a coupon of every policy that an event triggers, to the user named by the event, once for each event and user:
 * the coupon stores the event id, so a redelivered event finds it. Refusals of closed or sold-out policies are ignored.
 * When an event cannot be decided the handler throws, and the batch is redelivered.
 */
export const onTrigger =
  (store: Pick<PolicyStore, 'policiesTriggeredBy'>, { issueAll }: Pick<CouponIssuer, 'issueAll'>): Handler =>
  async (batch) => {
    const policies = await store.policiesTriggeredBy([...new Set(batch.map(({ topic }) => topic))]);
    const commands = batch.flatMap(({ topic, event }): IssueCommand[] => {
      const userId = userOf(event.data);
      if (userId === undefined) return [];
      return (policies.get(topic) ?? []).map((policyId) => ({
        policyId,
        userId,
        issueMethod: 'EVENT',
        eventId: event.eventId,
      }));
    });
    for (let from = 0; from < commands.length; from += COMMANDS_MAX) {
      await issueAll(commands.slice(from, from + COMMANDS_MAX));
    }
  };

const userOf = ({ userId }: Delivery['event']['data']): bigint | undefined =>
  typeof userId === 'string' ? parseId(userId) : undefined;
