import { readFileSync } from 'node:fs';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countingIds } from '../../../../../../test/support/counting-ids.ts';
import { type TestDatabase, testDatabase } from '../../../../../../test/support/postgres.ts';
import { DAY_MS } from '../../../../../platform/kernel/durations.ts';
import type { PointCommand } from '../../../domain/command.ts';
import { decideLedger } from '../../../domain/ledger.ts';
import {
  BALANCE_MAX,
  cancel,
  capture,
  charge,
  earn,
  hold,
  moneyIn,
  NOW_MS,
  openCharge,
  orderPaid,
  orderRefunded,
  use,
} from '../../../test/commands.ts';
import { nodeOver } from '../../../test/open-stores.ts';
import { pointAudits } from './audits.ts';
import { pointEventAudit } from './event-audit.ts';

let home: TestDatabase;
let owner: pg.Client;
beforeEach(async () => {
  home = await testDatabase();
  const nextId = countingIds();
  const { database, store } = nodeOver(home.programUrl, countingIds(1_001n));
  const commands = [
    charge(7n, 100n, 'a'),
    earn(7n, 50n, 'b', DAY_MS),
    use(7n, 70n, 'c'),
    hold(7n, 'o', 30n),
    hold(7n, 'p', 20n),
    capture(7n, 'p'),
    charge(8n, 5n, 'a'),
  ];
  const rules = { nowMs: NOW_MS, nextId, balanceMax: BALANCE_MAX };
  await store.changeBatch(commands, (seen) => decideLedger(seen, commands, rules), NOW_MS);
  await database.close();
  owner = new pg.Client({ connectionString: home.url });
  await owner.connect();
  // What the audits look for may not be what a constraint, index or trigger would have kept out.
  for (const table of ['transactions', 'entries', 'lot_moves']) {
    await owner.query(`alter table point.${table} disable trigger insert_only`);
  }
  await owner.query(`
    alter table point.accounts drop constraint accounts_not_negative;
    alter table point.lots drop constraint lots_remaining, drop constraint lots_open;
    drop index point.transactions_key`);
});
afterEach(async () => {
  await owner.end();
  await home.drop();
});

const broken = async (): Promise<string[]> => {
  const names = [];
  for (const audit of pointAudits) if (!(await audit.run(owner, {})).ok) names.push(audit.name);
  return names;
};
const [BALANCED, CONSERVED, LOTS, MOVES, HELD, KEYS, CHARGED, EARNED] = pointAudits.map(({ name }) => name);

describe('the audits of points', () => {
  it('the audits find no violation in a correct ledger, and report how much they checked', async () => {
    expect(await broken()).toEqual([]);
    const figures = [];
    for (const audit of pointAudits) figures.push((await audit.run(owner, {})).figures);
    expect(figures).toEqual([
      { transactions: 7, entries: 14 },
      { accounts: 2, balance: 35, held: 30, owed: 0 },
      { lots: 3, left: 35 },
      { transactions: 7 },
      { held: 30, holds: 1 },
      { keys: 7 },
      { charges: 0, credited: 0, refunds: 0 },
      { orders: 0, earned: 0, taken: 0 },
      { waiting: 0, overdue: 0 },
    ]);
  });

  it('the migration to lots with a count of expired points takes it from their moves', async () => {
    await owner.query(`
      insert into point.transactions (id, user_id, type, amount, balance, created_at) values (900, 7, 'EXPIRE', -5, 0, now());
      insert into point.lot_moves values (900, 1, 2, -5)`);
    const migration = readFileSync(`${import.meta.dirname}/../migrations/0003_receivable.sql`, 'utf8');
    await owner.query(migration.split('--> statement-breakpoint').at(-1) ?? '');
    const { rows } = await owner.query('select id, expired from point.lots order by id');
    expect(rows.map(({ id, expired }) => `${id}: ${expired}`)).toEqual(['1: 0', '2: 5', '7: 0']);
  });

  it('the migration to names of payments names refunds by their payment, and keeps those of one that has two', async () => {
    await owner.query(`
      drop index point.charge_refunds_provider_ref;
      alter table point.charges drop column reported_id;
      insert into point.charge_refunds
        select n, 70, 7, reference, payment, ref, 5, 'NOT_AWAITED', now(), null, now(), 0, n
        from (values (1, 'pay_1', 91, 'pay_1'), (2, '92', 92, null), (3, 'pay_2', 92, 'pay_2'), (4, 'own', 70, 'pay_1'))
          as t(n, reference, payment, ref)`);
    await owner.query(readFileSync(`${import.meta.dirname}/../migrations/0006_payment_names.sql`, 'utf8'));
    const { rows } = await owner.query('select reference, provider_ref from point.charge_refunds order by id');
    expect(rows.map(({ reference, provider_ref }) => `${reference} ${provider_ref}`)).toEqual([
      '91 pay_1',
      '92 null',
      'pay_2 pay_2',
      'own null',
    ]);
    const audit = pointAudits.find(({ name }) => name === CHARGED);
    const { violations } = (await audit?.run(owner, {})) ?? {};
    expect(violations).toContain('payment 92 of charge 70 goes back by refunds 2 and 3');
  });

  it('the audit of events counts transactions from before the count of events as published', async () => {
    await owner.query('update platform.outbox set tally = null');
    expect((await pointEventAudit.run(owner, {})).ok).toBe(false);
    await owner.query(readFileSync(`${import.meta.dirname}/../migrations/0002_count_events.sql`, 'utf8'));
    expect(await pointEventAudit.run(owner, {})).toMatchObject({ ok: true, figures: { facts: 5, published: 5 } });
  });

  it('the audit of events compares the events with the transactions', async () => {
    // Three were earned; one used and one captured. Holds have no event.
    const sound = await pointEventAudit.run(owner, {});
    expect(sound).toEqual({ ok: true, figures: { facts: 5, published: 0, queued: 5 }, violations: [] });
    await owner.query("insert into platform.published_events values ('point.expired', 'all', 1)");
    await owner.query("update platform.outbox set tally = tally - 'point.used'");
    const { ok, violations } = await pointEventAudit.run(owner, {});
    expect(ok).toBe(false);
    expect(violations).toEqual([
      'point.expired: 0 facts, but 1 events published and 0 queued',
      'point.used: 2 facts, but 0 events published and 0 queued',
    ]);
  });

  it.each([
    [
      'an entry of another sum',
      'update point.entries set amount = amount + 1 where transaction_id = 1 and line = 2',
      [BALANCED, CONSERVED],
    ],
    ['an entry that is gone', 'delete from point.entries where transaction_id = 3 and line = 1', [BALANCED, CONSERVED]],
    ['entries without a transaction', 'delete from point.transactions where id = 7', [BALANCED, MOVES]],
    [
      'a transaction that says something else',
      'update point.transactions set amount = 4 where id = 7',
      [BALANCED, MOVES],
    ],
    [
      'an entry of another user',
      'update point.entries set user_id = 9 where transaction_id = 7 and line = 1',
      [BALANCED, CONSERVED],
    ],
    ['a balance from nowhere', 'update point.accounts set balance = balance + 1 where user_id = 7', [CONSERVED]],
    ['an account that is gone', 'delete from point.accounts where user_id = 8', [CONSERVED]],
    ['a lot with more left', 'update point.lots set remaining = remaining + 1 where id = 1', [CONSERVED, LOTS]],
    ['expired points from nowhere', 'update point.lots set expired = 1 where id = 1', [LOTS]],
    ['a debt from nowhere', 'update point.accounts set receivable = 1 where user_id = 7', [CONSERVED]],
    ['a transaction that books another debt', 'update point.transactions set receivable = 1 where id = 2', [BALANCED]],
    ['a lot below 0', 'update point.lots set remaining = -1 where id = 2', [CONSERVED, LOTS]],
    ['a lot that counts as empty', 'update point.lots set open = false where id = 1', [LOTS]],
    ['a move that is gone', 'delete from point.lot_moves where transaction_id = 7', [LOTS, MOVES]],
    ['a hold that ended by itself', "update point.holds set state = 'RELEASED' where order_id = 'o'", [HELD]],
    ['held points from nowhere', 'update point.accounts set held = held + 1 where user_id = 8', [CONSERVED, HELD]],
    ['a key that was used twice', "update point.transactions set key = 'key:a' where id = 3", [KEYS]],
    [
      'more given back than was taken',
      "update point.transactions set type = 'CANCEL', source_id = 7 where id = 3",
      [KEYS],
    ],
  ])('the audits find %s', async (_, corruption, expected) => {
    await owner.query(corruption);
    expect(await broken()).toEqual(expected);
  });

  describe('of charges', () => {
    beforeEach(async () => {
      const { database, store } = nodeOver(home.programUrl, countingIds(2_001n));
      const run = async (commands: readonly PointCommand[], nextId: () => bigint) => {
        const rules = { nowMs: NOW_MS, nextId, balanceMax: BALANCE_MAX };
        return (await store.changeBatch(commands, (seen) => decideLedger(seen, commands, rules), NOW_MS)).decision
          .outcomes;
      };
      const nextId = countingIds(101n);
      const charges = [];
      for (const key of ['open', 'paid', 'back']) {
        const [outcome] = await run([openCharge(9n, 100n, key)], nextId);
        if (outcome?.kind === 'charge') charges.push(outcome.charge);
      }
      const [, paid, back] = charges;
      if (!paid || !back) throw new Error('no charges');
      await run([moneyIn(paid), moneyIn(back)], nextId);
      const { rows } = await database.pool.query<{ id: bigint }>(
        `select id from point.transactions where key = 'paid:${back.id}'`,
      );
      const source = { id: rows[0]?.id ?? 0n, type: 'CHARGE', amount: 100n, receivable: 0n, orderId: null } as const;
      const parts = { key: null, contentHash: null, reason: null, sourceId: null, by: null };
      await run(
        [cancel({ ...source, ...parts, userId: 9n, balance: 0n, key: `paid:${back.id}`, createdAtMs: 0 })],
        nextId,
      );
      await database.close();
      await owner.query('alter table point.accounts drop constraint accounts_charging');
      await owner.query('drop index point.charge_refunds_payment');
    });

    it('the audit of charges counts what was credited and what goes back', async () => {
      const audit = pointAudits.find(({ name }) => name.startsWith(CHARGED ?? ''));
      const figures = { charges: 3, credited: 200, refunds: 1 };
      expect(await audit?.run(owner, {})).toEqual({ ok: true, figures, violations: [] });
      expect(await broken()).toEqual([]);
    });

    const PAID = "(select id from point.charges where status = 'COMPLETED')";
    const BACK = "(select id from point.charges where status = 'REFUNDED')";
    it.each([
      ['room that is kept for no charge', 'update point.accounts set charging = 101 where user_id = 9'],
      ['a paid charge without its points', `update point.charges set status = 'EXPIRED' where id = ${PAID}`],
      ['points that no charge paid for', `delete from point.charges where id = ${PAID}`],
      ['points of another amount', `update point.charges set amount = 99 where id = ${PAID}`],
      ['money that went back for points that were kept', `update point.charge_refunds set charge_id = ${PAID}`],
      ['points that were taken back without their money', 'delete from point.charge_refunds'],
      ['a refund of another amount', 'update point.charge_refunds set amount = 99'],
      ['a cancelled charge that counts as paid', `update point.charges set status = 'COMPLETED' where id = ${BACK}`],
      [
        'a payment that goes back twice',
        `insert into point.charge_refunds select id + 1000, charge_id, user_id, reference, payment_id, provider_ref,
           amount, reason, created_at, done_at, resume_at, attempts, revision from point.charge_refunds`,
      ],
      [
        'a payment that goes back under two names',
        `insert into point.charge_refunds select n, ${PAID}, 9, name, 5, nullif(name, '5'), 100, 'NOT_AWAITED', now(), null, now(), 0, n
           from (values (900, '5'), (901, 'pay_5')) as t(n, name)`,
      ],
      [
        'money of a paid charge that goes back under the reference of the provider',
        `update point.charges set provider_ref = 'pay' where id = ${PAID};
         insert into point.charge_refunds values
           (900, ${PAID}, 9, '5', 5, 'pay', 100, 'NOT_AWAITED', now(), null, now(), 0, 900)`,
      ],
    ])('the audit of charges finds %s', async (_, corruption) => {
      await owner.query(corruption);
      expect(await broken()).toContain(CHARGED);
    });
  });

  describe('of orders that earn', () => {
    beforeEach(async () => {
      const { database, store } = nodeOver(home.programUrl, countingIds(3_001n));
      const rules = { nowMs: NOW_MS, nextId: countingIds(201n), balanceMax: BALANCE_MAX };
      for (const command of [orderPaid(9n, 'o', 1_000n), use(9n, 8n, 'u'), orderRefunded(9n, 'o', 500n)]) {
        await store.changeBatch([command], (seen) => decideLedger(seen, [command], rules), NOW_MS);
      }
      await database.close();
      await owner.query('alter table point.order_earnings drop constraint order_earnings_taken');
    });

    it('the audit of orders that earn counts what they gave and what was taken back', async () => {
      const audit = pointAudits.find(({ name }) => name === EARNED);
      const figures = { orders: 1, earned: 10, taken: 5 };
      expect(await audit?.run(owner, {})).toEqual({ ok: true, figures, violations: [] });
      expect(await broken()).toEqual([]);
    });

    it.each([
      ['points at another rate', 'update point.order_earnings set rate_bp = 200'],
      ['points for money that was refunded', 'update point.order_earnings set refunded = 600'],
      ['points that were earned and are not in the ledger', 'update point.order_earnings set transaction_id = null'],
      ['points that were not taken back', 'update point.order_earnings set taken = 0'],
      ['points of an order of which nothing is known', 'delete from point.order_earnings'],
    ])('the audit of orders that earn finds %s', async (_, corruption) => {
      await owner.query(corruption);
      expect(await broken()).toContain(EARNED);
    });
  });
});
