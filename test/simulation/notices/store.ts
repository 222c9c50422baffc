import type {
  IntakeStore,
  ReminderStore,
  WrittenReminder,
} from '../../../src/contexts/notification/application/ports.ts';
import type { NewNotice } from '../../../src/contexts/notification/domain/notice.ts';
import type { NoticeFact } from '../../../src/contexts/notification/domain/notice-fact.ts';
import type { Owner } from '../kernel.ts';
import { dropPending, forgetDeliveries, type Tables } from './tables.ts';
import type { Transact } from './transact.ts';

export const keyOf = ({ userId, kind, subject, day }: Pick<NewNotice, 'userId' | 'kind' | 'subject' | 'day'>): string =>
  `${userId} ${kind} ${subject} ${day}`;

/** The writer's tables as one process reaches them: what the statements of the context do, on rows in memory. */
export function openIntake(tables: Tables, transact: Transact, owner: Owner): IntakeStore {
  return {
    addOnce: (_, events, factsOf) =>
      transact(owner, 'adds facts', async () => {
        const fresh = events.filter(({ event }) => !tables.handled.has(event.eventId));
        const facts = factsOf(fresh);
        return () => {
          for (const { event } of fresh) tables.handled.add(event.eventId);
          if (facts.length > 0) tables.intake.push(facts);
        };
      }),
    writeNext: () =>
      transact(owner, 'writes notices', async () => {
        const rows = tables.intake.slice(0, 2);
        const facts = rows.flat();
        return () => {
          if (rows.length === 0) return { kind: 'EMPTY' as const };
          tables.intake.splice(0, rows.length);
          const notices = writeNotices(tables, facts.filter(isNotice).map(toNotice));
          for (const fact of facts)
            if (fact.what === 'DROP') dropNotices(tables, { ...fact, userId: BigInt(fact.userId) });
          for (const fact of facts) if (fact.what === 'FORGET') forget(tables, BigInt(fact.userId));
          return {
            ...{ kind: 'WRITTEN' as const, notices, rejected: [], ageSeconds: 0, newestSeconds: 0 },
            userIds: facts.map(({ userId }) => BigInt(userId)),
          };
        };
      }),
  };
}

/** A page of an announcement: its notices, and that they are written, in one transaction. */
export const openJobs = (tables: Tables, transact: Transact, owner: Owner) => ({
  writePage: () =>
    transact(owner, 'announces', async () => () => {
      const page = tables.jobs.shift();
      if (page) writeNotices(tables, page);
      return page !== undefined;
    }),
});

export const openReminders = (tables: Tables, transact: Transact, owner: Owner): ReminderStore => ({
  withoutReminder: async () => new Set(),
  // The inboxes are locked while the coupons are asked for.
  write: (wanted, withoutReason) =>
    transact(owner, 'reminds', async () => {
      const fresh = wanted.filter((notice) => !tables.notices.has(keyOf(notice)) && !tables.deleted.has(notice.userId));
      const dropped = new Set(await withoutReason(fresh));
      return (): readonly WrittenReminder[] => {
        writeNotices(
          tables,
          fresh.filter((notice) => !dropped.has(notice)),
        );
        return fresh;
      };
    }),
});

/** Writes those that their users do not have, with numbers, and a batch for the channels. */
export function writeNotices(tables: Tables, wanted: readonly NewNotice[]): readonly NewNotice[] {
  const written = wanted.filter((notice) => {
    if (tables.deleted.has(notice.userId) || tables.notices.has(keyOf(notice))) return false;
    const number = (tables.lastNumbers.get(notice.userId) ?? 0n) + 1n;
    tables.lastNumbers.set(notice.userId, number);
    tables.notices.set(keyOf(notice), { ...notice, number });
    return true;
  });
  if (written.length > 0) tables.batches.push({ id: tables.nextId(), keys: written.map(keyOf) });
  return written;
}

function dropNotices(tables: Tables, drop: Pick<NewNotice, 'userId' | 'kind' | 'subject'>): void {
  for (const [key, { userId, kind, subject }] of tables.notices)
    if (userId === drop.userId && kind === drop.kind && subject === drop.subject) tables.notices.delete(key);
  dropPending(tables, drop);
}

function forget(tables: Tables, userId: bigint): void {
  tables.deleted.add(userId);
  for (const [key, notice] of tables.notices) if (notice.userId === userId) tables.notices.delete(key);
  forgetDeliveries(tables, userId);
}

type NoticeOf = Extract<NoticeFact, { readonly what: 'NOTICE' }>;
const isNotice = (fact: NoticeFact): fact is NoticeOf => fact.what === 'NOTICE';
const toNotice = ({ what: _, ...fact }: NoticeOf): NewNotice => ({ ...fact, userId: BigInt(fact.userId) });
