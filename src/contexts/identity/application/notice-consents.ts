import type { ScheduledTask } from '../../../platform/context.ts';
import { noticeDueBefore } from '../domain/consent.ts';
import type { ContactStore, DueNotice, IdentityPorts, MailPorts } from './ports.ts';

const BATCH = 500;

/** Asks for the mails that confirm consents to marketing, each day until one has left. The task that sends mails does the rest. */
export const noticeConsents = (
  contacts: ContactStore,
  { clock, changed }: MailPorts,
  nextId: IdentityPorts['nextId'],
): ScheduledTask => ({
  name: 'identity.notice-consents',
  everyMinutes: 1440,
  async run(signal) {
    const at = new Date(clock());
    const confirmedBefore = noticeDueBefore(at);
    let after: DueNotice | undefined;
    let batches = 0;
    do {
      const mailIds = Array.from({ length: BATCH }, nextId);
      after = await contacts.requestNotices({ confirmedBefore, after, limit: BATCH }, mailIds, at);
      batches++;
    } while (after !== undefined && !signal.aborted);
    changed.notify();
    return batches - 1;
  },
});
