import { createHash } from 'node:crypto';
import type pg from 'pg';
import { transactOnce } from '../../../../platform/idempotency/transact-once.ts';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import type { MailStore, Suppression } from '../../application/deliver/mail/ports.ts';
import { type DomainState, paused, reserveSlots } from '../../domain/domain-pace.ts';

/** Addresses that get no mail are known by this only. */
export const addressDigest = (email: string): string =>
  createHash('sha256').update(email.toLowerCase()).digest('base64url');

const ADD_DOMAINS = `
  insert into notification.mail_domains (domain, next_slot) select domain, 'epoch' from unnest($1::text[]) as d(domain) order by domain
  on conflict do nothing`;
const LOCK_DOMAINS = `
  select domain, next_slot as "nextSlot", paused_until as "pausedUntil", pauses from notification.mail_domains
  where domain = any($1::text[]) order by domain for no key update`;
const SET_DOMAINS = `
  update notification.mail_domains as m set next_slot = d.next_slot, paused_until = d.paused_until, pauses = d.pauses
  from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::int[]) as d(domain, next_slot, paused_until, pauses)
  where m.domain = d.domain`;

interface DomainRow {
  readonly domain: string;
  readonly nextSlot: Date;
  readonly pausedUntil: Date | null;
  readonly pauses: number;
}

/** Suppressed addresses, and the lines of domains, on PostgreSQL. */
export function postgresMailStore(pool: pg.Pool): MailStore {
  const changeDomains = (domains: readonly string[], change: (domain: string, state: DomainState) => DomainState) =>
    inTransaction(pool, async (client) => {
      await client.query(ADD_DOMAINS, [domains]);
      const { rows } = await client.query<DomainRow>(LOCK_DOMAINS, [domains]);
      const changed = rows.map((row) => ({ domain: row.domain, ...change(row.domain, stateOf(row)) }));
      await client.query(SET_DOMAINS, [
        changed.map(({ domain }) => domain),
        changed.map(({ nextSlotMs }) => new Date(nextSlotMs)),
        changed.map(({ pausedUntilMs }) => new Date(pausedUntilMs)),
        changed.map(({ pauses }) => pauses),
      ]);
    });

  return {
    async suppressed(digests) {
      const { rows } = await pool.query<{ digest: string }>(
        'select digest from notification.suppressions where digest = any($1::text[])',
        [digests],
      );
      return new Set(rows.map(({ digest }) => digest));
    },

    suppress: ({ digest, reason, createdAt }, idempotency) =>
      transactOnce(pool, idempotency, async (client) => {
        await client.query(
          'insert into notification.suppressions (digest, reason, created_at) values ($1, $2, $3) on conflict do nothing',
          [digest, reason, createdAt],
        );
        return undefined;
      }),

    lift: (digest, idempotency) =>
      transactOnce(pool, idempotency, async (client) => {
        const { rowCount } = await client.query('delete from notification.suppressions where digest = $1', [digest]);
        return (rowCount ?? 0) > 0;
      }),

    async suppressions({ before, limit }) {
      const { rows } = await pool.query<Suppression>(
        `select digest, reason, created_at as "createdAt" from notification.suppressions
         where $1::timestamptz is null or (created_at, digest) < ($1, $2) order by created_at desc, digest desc limit $3`,
        [before?.createdAt ?? null, before?.digest ?? null, limit],
      );
      return rows;
    },

    async pausedUntilMs(domains, nowMs) {
      const { rows } = await pool.query<{ domain: string; pausedUntil: Date }>(
        'select domain, paused_until as "pausedUntil" from notification.mail_domains where domain = any($1::text[]) and paused_until > $2',
        [domains, new Date(nowMs)],
      );
      return new Map(rows.map(({ domain, pausedUntil }) => [domain, pausedUntil.getTime()]));
    },

    async takeSlots(wanted, rate, nowMs) {
      const slots = new Map<string, readonly number[]>();
      if (wanted.length === 0) return slots;
      const countOf = new Map(wanted.map(({ domain, count }) => [domain, count]));
      await changeDomains([...countOf.keys()], (domain, state) => {
        const { slotsMs, nextSlotMs } = reserveSlots(state, countOf.get(domain) ?? 0, rate, nowMs);
        slots.set(domain, slotsMs);
        return { ...state, nextSlotMs };
      });
      return slots;
    },

    pause: (domain, nowMs) => changeDomains([domain], (_, state) => paused(state, nowMs)),
  };
}

const stateOf = ({ nextSlot, pausedUntil, pauses }: DomainRow): DomainState => ({
  nextSlotMs: nextSlot.getTime(),
  pausedUntilMs: pausedUntil?.getTime() ?? 0,
  pauses,
});
