import { eventCountAudit } from '../../../../../platform/events/event-count-audit.ts';
import { COUNTED_TOPICS } from '../../../events.ts';

/** A hold and its release change no balance, so they have no event. */
export const pointEventAudit = eventCountAudit(
  'as many events of points were written as transactions changed a balance',
  COUNTED_TOPICS,
  { path: 'contexts/point/adapters/postgres/audits/event-facts.sql' },
);
