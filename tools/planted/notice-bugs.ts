import type { PlantedBug } from './bugs.ts';

const NOTIFICATION = 'src/contexts/notification';
const POSTGRES = `${NOTIFICATION}/adapters/postgres`;
const WRITE = `${POSTGRES}/write-notices.ts`;
const CHANGES = `${POSTGRES}/inbox-changes.ts`;
const FACTS = `${NOTIFICATION}/domain/notice-fact.ts`;
const REMIND = `${NOTIFICATION}/application/remind/remind-of-expiry.ts`;
const WRITE_TEST = [`${NOTIFICATION}/test/write-notices.int.test.ts`];
const NOTICES = [`${NOTIFICATION}/test/notices.int.test.ts`];
const INBOX = [`${NOTIFICATION}/test/inbox.int.test.ts`];
const OVER_HTTP = ['test/gateway/notifications.int.test.ts'];
const ATTACKS = ['test/attacks/notifications.int.test.ts'];
const AUDITS = [`${POSTGRES}/audits/audits.int.test.ts`];

/** In inboxes and what writes them. */
export const NOTICE_BUGS: readonly PlantedBug[] = [
  {
    name: 'notices: written for a deleted user',
    file: WRITE,
    within: 'WRITE',
    search: 'i.deleted_at is null and not exists',
    replace: 'not exists',
    tests: [...NOTICES, ...WRITE_TEST],
  },
  {
    name: 'notices: a kind that was turned off is written',
    file: WRITE,
    within: 'WRITE',
    search: 'and not p.enabled',
    replace: 'and p.enabled',
    tests: NOTICES,
  },
  {
    name: 'notices: those that were there are counted again',
    file: WRITE,
    within: 'WRITE',
    search: 'from written group by user_id',
    replace: 'from wanted group by user_id',
    tests: WRITE_TEST,
  },
  {
    name: 'notices: handed to the channels each time they are wanted',
    file: WRITE,
    within: 'WRITE',
    search: 'from written having count(*) > 0',
    replace: 'from written having true',
    tests: WRITE_TEST,
  },
  {
    name: 'notices: inboxes are not locked',
    file: `${POSTGRES}/inbox-locks.ts`,
    within: 'LOCK_INBOXES',
    search: 'order by user_id for no key update',
    replace: 'order by user_id',
    tests: [...NOTICES, ...WRITE_TEST],
    only: 'waits while the account is deleted',
  },
  {
    name: 'notices: the settings of a deleted user are kept',
    file: `${POSTGRES}/forget-users.ts`,
    within: 'OF_USER',
    search: `'settings',`,
    replace: '',
    tests: NOTICES,
  },
  {
    name: 'notices: a deleted user may choose settings',
    file: `${POSTGRES}/settings-store.ts`,
    within: 'settingsStore',
    search: 'inbox?.deletedAt !== null',
    replace: 'inbox === undefined',
    tests: NOTICES,
  },
  {
    name: 'notices: the day is that of processing',
    file: FACTS,
    within: 'dayOf',
    search: 'Date.parse(instant)',
    replace: 'Date.now()',
    tests: NOTICES,
  },
  {
    name: 'notices: points that expire are announced on the day of processing',
    file: FACTS,
    within: 'READINGS',
    search: 'Date.parse(expiresOn) - daysAhead * DAY_MS',
    replace: 'Date.now()',
    tests: NOTICES,
  },
  {
    name: 'notices: the end of a reservation drops the reminder',
    file: FACTS,
    within: 'READINGS',
    search: `data.reason === 'WITHDRAWN'`,
    replace: 'true',
    tests: NOTICES,
  },
  {
    name: 'notices: a reminder that was read is dropped',
    file: `${POSTGRES}/drop-notices.ts`,
    within: 'DROP_NOTICES',
    search: 'and n.read_at is null and n.number > i.read_up_to',
    replace: '',
    tests: NOTICES,
  },
  {
    name: 'notices: a reminder of a used coupon is still sent',
    file: `${POSTGRES}/drop-notices.ts`,
    within: 'DROP_DELIVERIES',
    search: `n.state = 'PENDING'`,
    replace: 'false',
    tests: NOTICES,
  },
  {
    name: 'inbox: any user changes any notice',
    file: CHANGES,
    within: 'FIND',
    search: 'user_id = $1 and id = $2',
    replace: '($1::bigint is not null) and id = $2',
    tests: [...INBOX, ...ATTACKS],
    only: 'docs/attacks.md 32',
  },
  {
    name: 'inbox: a notice that is read again is counted down again',
    file: CHANGES,
    within: 'inboxChanges',
    search: 'if (notice.isUnread) await client.query(COUNT_DOWN',
    replace: 'await client.query(COUNT_DOWN',
    tests: INBOX,
  },
  {
    name: 'inbox: reading all reads what comes later',
    file: CHANGES,
    within: 'READ_ALL',
    search: 'read_up_to = last_number',
    replace: 'read_up_to = last_number + 1000',
    tests: INBOX,
  },
  {
    name: 'inbox: an unread list shows all',
    file: `${POSTGRES}/inbox-reader.ts`,
    within: 'inboxReader',
    search: 'and(isNull(notices.readAt), gt(notices.number, head.readUpTo))',
    replace: 'isNull(notices.readAt)',
    tests: INBOX,
  },
  {
    name: 'inbox: a machine without a user has one',
    file: 'src/gateway/auth/principal.ts',
    within: 'subjectOf',
    search: `principal.role === 'SERVICE' ? 0n : principal.userId`,
    replace: 'principal.userId',
    tests: ATTACKS,
  },
  {
    name: 'settings: a kind is named twice',
    file: `${NOTIFICATION}/domain/settings.ts`,
    within: 'checkSettings',
    search: 'each.kind === kind && each.channel === channel',
    replace: 'false',
    tests: ATTACKS,
  },
  {
    name: 'reminders: a coupon that was used meanwhile is announced',
    file: REMIND,
    within: 'remindOfExpiry',
    search: '!unused.has(BigInt(subject))',
    replace: 'false',
    tests: [`${NOTIFICATION}/test/remind-of-expiry.int.test.ts`],
  },
  {
    name: 'reminders: everybody is reminded 7, 3 and 1 days before',
    file: REMIND,
    within: 'remindOfExpiry',
    search: '!unwanted.has(userId)',
    replace: 'true',
    tests: OVER_HTTP,
  },
  {
    name: 'reminders: a day late',
    file: REMIND,
    within: 'dayAhead',
    search: 'todayMs + days * DAY_MS - offsetMs',
    replace: 'todayMs + (days - 1) * DAY_MS - offsetMs',
    tests: OVER_HTTP,
  },
  {
    name: 'retention: old notices stay counted as unread',
    file: `${POSTGRES}/old-notices.ts`,
    within: 'DELETE',
    search: 'i.unread - o.unread',
    replace: 'i.unread - 0',
    tests: OVER_HTTP,
  },
  {
    name: 'due coupons: a page begins where the last one began',
    file: 'src/contexts/coupon/adapters/postgres/queries/unused-reader.ts',
    within: 'DUE',
    search: 'and (expires_at, id) > ($3, $4)',
    replace: 'and (expires_at, id) >= ($3, $4)',
    tests: ['src/contexts/coupon/test/due-coupons.int.test.ts'],
  },
  {
    name: 'audit of notices: a wrong count passes',
    file: `${POSTGRES}/audits/unread.sql`,
    search: 'i.unread <> coalesce(c.unread, 0)',
    replace: 'false',
    tests: AUDITS,
  },
];
