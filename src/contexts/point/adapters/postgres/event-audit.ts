import { eventCountAudit } from '../../../../platform/events/event-count-audit.ts';
import { COUNTED_TOPICS } from '../../events.ts';

/** A hold and its release change no balance, so they have no event. */
export const pointEventAudit = eventCountAudit(
  'as many events of points were written as transactions changed a balance',
  COUNTED_TOPICS,
  `
    select case
      when type in ('CHARGE', 'EARN') or type = 'ADJUST' and amount > 0 then 'point.earned'
      when type in ('USE', 'CAPTURE', 'ADJUST') then 'point.used'
      when type = 'CANCEL' then 'point.cancelled'
      when type = 'EXPIRE' then 'point.expired'
    end as topic
    from point.transactions`,
);
