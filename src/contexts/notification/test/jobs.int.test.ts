import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noticeJobsOver, OWNER_ID, STORE_ID } from '../../../../test/support/notice-jobs.ts';
import { PATIENCE } from '../../../../test/support/patience.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { JobLeaseLost } from '../../../platform/jobs/leases.ts';
import type { NoticeJobResponse } from '../api.ts';
import type { Coupons, FoundPolicy } from '../application/jobs/ports.ts';
import { onOpenings } from '../application/jobs/store-jobs.ts';

const PROCESS = join(import.meta.dirname, '../../../../test/support/notice-job-process.ts');
const ADMIN = { userId: 1n, role: 'ADMIN' };
const HOUR = 3_600_000;
const TEXT = { title: 'Weekend', body: 'All drinks' };
const ANNOUNCEMENT = { noticeClass: 'MARKETING', ko: TEXT, en: TEXT, path: '/stores/7' };

let home: TestDatabase;
let nodes: ReturnType<typeof noticeJobsOver>[];
beforeEach(async () => {
  home = await testDatabase();
  nodes = [];
});
afterEach(async () => {
  expect(nodes.flatMap(({ errors }) => errors)).toEqual([]);
  for (const node of nodes) await node.stop();
  await home.drop();
});

/** As another process with the clock `clock`. */
function open(options: Parameters<typeof noticeJobsOver>[2] = {}) {
  const node = noticeJobsOver(home.url, 10_000_000_000n * BigInt(nodes.length + 1), options);
  nodes.push(node);
  return node;
}
async function query<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
  const node = nodes[0];
  return node === undefined ? [] : (await node.database.pool.query<Row>(text, [...values])).rows;
}
const given = ({ outcome }: NoticeJobResponse) => {
  if (outcome?.$case !== 'job') throw new Error(`refused: ${JSON.stringify(outcome?.value)}`);
  return outcome.value;
};
const idsOf = (rows: readonly { readonly userId: bigint }[]) => rows.map(({ userId }) => userId);
/** One line for each user and notice. */
const notifiedUsers = async (kind = 'ANNOUNCEMENT') =>
  idsOf(await query(`select user_id as "userId" from notification.notices where kind = $1 order by 1`, [kind]));

async function storeRow(): Promise<bigint> {
  await query(`
    insert into store.stores (id, owner_id, name, category, description, address, images, opening_hours, status, version, created_at,
      updated_at) values (77, 7, 'Cafe Sol', 'CAFE', '', '', '{}', '[]', 'OPEN', 1, now(), now())`);
  return 77n;
}

async function follow(type: 'STORE' | 'POLICY', targetId: bigint, from: number, to: number): Promise<void> {
  await query(
    `insert into store.subscriptions (type, target_id, user_id, id)
     select $1, $2, n, n from generate_series($3::bigint, $4::bigint) as n`,
    [type, targetId, from, to],
  );
  if (type === 'STORE') await query('update store.stores set followers = $2 where id = $1', [targetId, to - from + 1]);
  else
    await query(
      `insert into store.followed_policies (policy_id, name, opens_at, followers) values ($1, 'Opening day', now(), $2)`,
      [targetId, to - from + 1],
    );
}

async function ended(jobId: bigint) {
  const untilMs = Date.now() + PATIENCE.testTimeout;
  for (;;) {
    const job = await nodes[0]?.store.find(jobId);
    if (job?.finishedAt) return job;
    if (Date.now() > untilMs) throw new Error(`the job did not end: ${JSON.stringify(job, (_, v) => String(v))}`);
    await sleep(20);
  }
}

const announce = async (type: string, id?: bigint, startsAt?: Date) =>
  given(
    await (nodes[0] ?? open()).api.createNoticeJob({
      principal: ADMIN,
      audience: { type, id },
      announcement: ANNOUNCEMENT,
      startsAt,
    }),
  );
const delivery = (topic: string, data: object) =>
  ({ topic, key: '', event: { data } }) as unknown as Parameters<ReturnType<typeof onOpenings>>[0][number];
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => BigInt(from + n));

describe('jobs of notices', () => {
  it('each follower of a store gets one notice, and users who have deleted the account get none', async () => {
    open();
    const storeId = await storeRow();
    await follow('STORE', storeId, 101, 5_100);
    await query('insert into notification.inboxes (user_id, deleted_at) values (150, now())');
    const job = await announce('STORE_FOLLOWERS', storeId);
    expect(await ended(job.id)).toMatchObject({ status: 'DONE', total: 5_000, done: 5_000, written: 4_999 });
    expect(await notifiedUsers()).toEqual(range(101, 5_100).filter((userId) => userId !== 150n));
    const [batches] = await query<{ n: bigint }>(
      'select sum(cardinality(user_ids))::bigint as n from notification.delivery_batches',
    );
    expect(batches?.n).toBe(4_999n);
  });

  it("a notice of a job has the database's time, whatever the node estimates", async () => {
    const { database } = open({ time: { estimate: () => 0 } });
    const storeId = await storeRow();
    await follow('STORE', storeId, 101, 101);
    const { rows } = await database.pool.query<{ now: Date }>('select clock_timestamp() as now');
    await ended((await announce('STORE_FOLLOWERS', storeId)).id);
    const [notice] = await query<{ createdAt: Date }>('select created_at as "createdAt" from notification.notices');
    expect(notice?.createdAt.getTime()).toBeGreaterThanOrEqual(rows[0]?.now.getTime() ?? Number.NaN);
  });

  it('holders of a policy get one notice, also those of two coupons', async () => {
    const coupons: Pick<Coupons, 'listHolders'> = {
      listHolders: async ({ after, limit }) => ({
        userIds: after === 0 ? [5n, 6n, 5n] : [6n, 8n],
        next: after + limit,
        hasMore: after === 0,
        issued: 2 * limit,
      }),
    };
    open({ coupons });
    const job = await announce('POLICY_HOLDERS', 88n);
    expect(await ended(job.id)).toMatchObject({ status: 'DONE', done: 5, total: 5, written: 3 });
    expect(await notifiedUsers()).toEqual([5n, 6n, 8n]);
  });

  it('users of a list are notified after its end, and a user who is in it twice once', async () => {
    const { api } = open();
    const { id: jobId, status } = await announce('USERS');
    const add = async (...userIds: bigint[]) =>
      given(await api.addNoticeJobUsers({ principal: ADMIN, jobId, userIds }));
    expect([status, (await add(3n, 4n, 3n)).total, (await add(4n, 2n)).total]).toEqual(['OPEN', 2, 3]);
    await sleep(50);
    expect(await notifiedUsers()).toEqual([]);
    given(await api.submitNoticeJob({ principal: ADMIN, jobId }));
    expect(await ended(jobId)).toMatchObject({ status: 'DONE', total: 3, done: 3, written: 3 });
    expect(await notifiedUsers()).toEqual([2n, 3n, 4n]);
    const late = await api.addNoticeJobUsers({ principal: ADMIN, jobId, userIds: [9n] });
    expect(late.outcome).toMatchObject({ $case: 'refusal', value: { code: 'NOTICE_JOB_LIST_CLOSED' } });
    const again = await api.submitNoticeJob({ principal: ADMIN, jobId });
    expect(again.outcome).toMatchObject({ $case: 'refusal', value: { code: 'NOTICE_JOB_LIST_CLOSED' } });
    expect(await query('select 1 from notification.job_users')).toEqual([]);
  });

  it('an open stream gets a test notice at once', async () => {
    const { api, signalled } = open();
    await api.sendTestNotice({ principal: ADMIN, announcement: ANNOUNCEMENT, audience: undefined });
    expect([await notifiedUsers(), signalled]).toEqual([[ADMIN.userId], [ADMIN.userId]]);
  });

  it('a list without users does not end the announcement', async () => {
    const { api } = open();
    const { id: jobId } = await announce('USERS');
    const empty = await api.submitNoticeJob({ principal: ADMIN, jobId });
    expect(empty.outcome).toMatchObject({ $case: 'refusal', value: { code: 'VALIDATION_FAILED' } });
    given(await api.addNoticeJobUsers({ principal: ADMIN, jobId, userIds: [4n] }));
    given(await api.submitNoticeJob({ principal: ADMIN, jobId }));
    expect(await ended(jobId)).toMatchObject({ status: 'DONE', written: 1 });
  });

  it('a job that is cancelled between two pages writes nothing after that, and keeps what it has written', async () => {
    const { store, api, stopJobs } = open();
    await stopJobs();
    const storeId = await storeRow();
    await follow('STORE', storeId, 1, 5_000);
    const { id: jobId } = await announce('STORE_FOLLOWERS', storeId);
    const job = await store.acquire([], new Date());
    if (job === undefined) throw new Error('no job was acquired');
    const page = { userIds: range(1, 2_000), position: 2_000n, hasMore: true, size: 5_000 };
    const rest = { userIds: range(2_001, 5_000), position: 5_000n, hasMore: false, size: 5_000 };
    const progress = await store.writePage(job, page);
    const cancel = async () => given(await api.cancelNoticeJob({ principal: ADMIN, jobId }));
    const first = await cancel();
    expect(first).toMatchObject({ status: 'CANCELLED', done: 2_000, written: 2_000 });
    expect(first.finishedAt).toBeInstanceOf(Date);
    await expect(store.writePage({ ...job, ...progress }, rest)).rejects.toThrow(JobLeaseLost);
    await store.finish({ ...job, ...progress }, new Date());
    expect(await cancel()).toEqual(first);
    expect(await store.acquire([], new Date())).toBeUndefined();
    expect((await notifiedUsers()).length).toBe(2_000);
  });

  it('a cancel and a page at the same time leave whole pages', async () => {
    const { store, api, stopJobs } = open();
    await stopJobs();
    const storeId = await storeRow();
    await follow('STORE', storeId, 1, 2_000);
    const { id: jobId } = await announce('STORE_FOLLOWERS', storeId);
    const job = await store.acquire([], new Date());
    if (job === undefined) throw new Error('no job was acquired');
    const page = { userIds: range(1, 1_000), position: 1_000n, hasMore: true, size: 2_000 };
    const [wrote, cancelled] = await Promise.allSettled([
      store.writePage(job, page),
      api.cancelNoticeJob({ principal: ADMIN, jobId }),
    ]);
    expect(cancelled.status).toBe('fulfilled');
    const written = wrote.status === 'fulfilled' ? 1_000 : 0;
    expect(await store.find(jobId)).toMatchObject({ status: 'CANCELLED', done: written, written });
    expect((await notifiedUsers()).length).toBe(written);
  });

  it('a list that is cancelled is deleted, and a job that has ended is not cancelled', async () => {
    const { api } = open();
    const { id: jobId } = await announce('USERS');
    given(await api.addNoticeJobUsers({ principal: ADMIN, jobId, userIds: [4n] }));
    expect(given(await api.cancelNoticeJob({ principal: ADMIN, jobId }))).toMatchObject({ status: 'CANCELLED' });
    expect(await query('select 1 from notification.job_users')).toEqual([]);
    const done = await announce('POLICY_FOLLOWERS', 89n);
    await ended(done.id);
    const late = await api.cancelNoticeJob({ principal: ADMIN, jobId: done.id });
    expect(late.outcome).toMatchObject({ $case: 'refusal', value: { code: 'NOTICE_JOB_ENDED' } });
    const customer = await api.cancelNoticeJob({ principal: { userId: 9n, role: 'CUSTOMER' }, jobId });
    expect(customer.outcome).toMatchObject({ $case: 'refusal', value: { code: 'FORBIDDEN' } });
  });

  it('a job starts at its time, and one with an empty audience ends at once', async () => {
    const clock = { nowMs: Date.now() };
    open({ clock: () => clock.nowMs });
    const later = await announce('POLICY_FOLLOWERS', 88n, new Date(clock.nowMs + HOUR));
    const empty = await announce('POLICY_FOLLOWERS', 89n);
    expect(await ended(empty.id)).toMatchObject({ status: 'DONE', total: 0, written: 0 });
    expect(await nodes[0]?.store.find(later.id)).toMatchObject({ status: 'QUEUED' });
    clock.nowMs += HOUR;
    expect(await ended(later.id)).toMatchObject({ status: 'DONE' });
  });

  it('users of a list who have no account are notified and counted', async () => {
    const { api } = open({ unknown: new Set([4n, 6n]) });
    const { id: jobId } = await announce('USERS');
    given(await api.addNoticeJobUsers({ principal: ADMIN, jobId, userIds: range(3, 2_500) }));
    given(await api.submitNoticeJob({ principal: ADMIN, jobId }));
    expect(await ended(jobId)).toMatchObject({ status: 'DONE', done: 2_498, written: 2_498, unknown: 2 });
  });

  describe('an announcement of the owner of a store', () => {
    const OWNER = { userId: OWNER_ID, role: 'OWNER' };
    const clock = { nowMs: 0 };
    let isOpen: boolean;
    const locked = new Set<bigint>();
    const unknown = new Set<bigint>();
    let node: ReturnType<typeof open>;
    beforeEach(async () => {
      // Noon in Seoul, so that an hour later is the same day.
      clock.nowMs = Date.parse('2030-05-05T12:00:00+09:00');
      isOpen = true;
      locked.clear();
      unknown.clear();
      node = open({ clock: () => clock.nowMs, isOpen: () => isOpen, locked, unknown });
      await storeRow();
      await follow('STORE', STORE_ID, 11, 13);
    });
    const requested = (changes: object = {}, startsAt?: Date) => ({
      principal: OWNER,
      audience: { type: 'STORE_FOLLOWERS', id: STORE_ID },
      announcement: ANNOUNCEMENT,
      startsAt,
      ...changes,
    });
    const create = async (changes: object = {}, startsAt?: Date) =>
      await node.api.createNoticeJob(requested(changes, startsAt));
    const codeOf = ({ outcome }: { readonly outcome?: { readonly value?: unknown } | undefined }) =>
      Object(outcome?.value).code;

    it('reaches the followers, and its titles name the store', async () => {
      const { id } = given(await create());
      expect(await ended(id)).toMatchObject({ status: 'DONE', written: 3, createdBy: OWNER_ID });
      const inbox = await query<{ data: object }>('select data from notification.notices where user_id = 11');
      expect(inbox[0]?.data).toMatchObject({ storeName: 'Cafe Sol', noticeClass: 'MARKETING' });
      const preview = await node.api.previewNoticeJob(requested());
      expect(preview.outcome?.value).toMatchObject({ en: { title: '[Cafe Sol] Weekend' }, size: 3 });
    });

    it('is one for each store and day, until one is cancelled that has written nothing', async () => {
      const later = new Date(clock.nowMs + HOUR);
      const { id } = given(await create({}, later));
      expect(codeOf(await create())).toBe('ANNOUNCEMENT_LIMIT_EXCEEDED');
      given(await create({}, new Date(later.getTime() + 24 * HOUR)));
      given(await node.api.cancelNoticeJob({ principal: OWNER, jobId: id }));
      const second = given(await create());
      expect(await ended(second.id)).toMatchObject({ status: 'DONE', written: 3 });
      expect(codeOf(await create())).toBe('ANNOUNCEMENT_LIMIT_EXCEEDED');
      // An administrator is not bound by it.
      expect(await ended((await announce('STORE_FOLLOWERS', STORE_ID)).id)).toMatchObject({ written: 3 });
    });

    it('counts for the day on which it is written when its start is in the past', async () => {
      const { id, startsAt } = given(await create({}, new Date('2001-12-05T00:00:00Z')));
      expect(startsAt).toEqual(new Date(clock.nowMs));
      expect(await ended(id)).toMatchObject({ status: 'DONE', written: 3, notice: { day: '2030-05-05' } });
      const past = ['1970-01-01', '2002-12-05', '2030-05-04'].map((day) => new Date(`${day}T00:00:00+09:00`));
      for (const startsAt of [...past, undefined])
        expect(codeOf(await create({}, startsAt))).toBe('ANNOUNCEMENT_LIMIT_EXCEEDED');
    });

    it('starts at most 30 days from now', async () => {
      const latest = clock.nowMs + 30 * 24 * HOUR;
      expect((await create({}, new Date(latest + 1))).outcome?.value).toMatchObject({
        code: 'VALIDATION_FAILED',
        details: { startsAt: 'must be at most 30 days from now' },
      });
      given(await create({}, new Date(latest)));
      // An administrator is not bound by it.
      await announce('STORE_FOLLOWERS', STORE_ID, new Date(latest + 24 * HOUR));
    });

    it('is created once by two requests at the same time', async () => {
      const later = new Date(clock.nowMs + HOUR);
      const outcomes = await Promise.all([create({}, later), create({}, later), create({}, later)]);
      expect(outcomes.map((each) => codeOf(each) ?? each.outcome?.$case).sort()).toEqual([
        ...['ANNOUNCEMENT_LIMIT_EXCEEDED', 'ANNOUNCEMENT_LIMIT_EXCEEDED', 'job'],
      ]);
    });

    it('gives its day back when its store was closed at its time', async () => {
      const { id } = given(await create({}, new Date(clock.nowMs + HOUR)));
      isOpen = false;
      clock.nowMs += HOUR;
      expect(await ended(id)).toMatchObject({ status: 'CANCELLED', written: 0 });
      isOpen = true;
      expect(await ended(given(await create()).id)).toMatchObject({ status: 'DONE', written: 3 });
      expect(codeOf(await create())).toBe('ANNOUNCEMENT_LIMIT_EXCEEDED');
    });

    it('gives its day back when it failed and has written nothing', async () => {
      await node.stopJobs();
      given(await create());
      const job = await node.store.acquire([], new Date(clock.nowMs));
      if (job === undefined) throw new Error('no job was acquired');
      await node.store.fail(job, 'It failed.', new Date(clock.nowMs));
      expect(given(await node.api.getNoticeJob({ principal: OWNER, jobId: job.id }))).toMatchObject({
        status: 'FAILED',
      });
      given(await create());
      expect(codeOf(await create())).toBe('ANNOUNCEMENT_LIMIT_EXCEEDED');
    });

    it('keeps its day when it is cancelled after its first page', async () => {
      await node.stopJobs();
      const { id } = given(await create());
      const job = await node.store.acquire([], new Date(clock.nowMs));
      if (job === undefined) throw new Error('no job was acquired');
      await node.store.writePage(job, { userIds: [11n, 12n], position: 12n, hasMore: true, size: 3 });
      const cancelled = given(await node.api.cancelNoticeJob({ principal: OWNER, jobId: id }));
      expect(cancelled).toMatchObject({ status: 'CANCELLED', written: 2 });
      expect(codeOf(await create())).toBe('ANNOUNCEMENT_LIMIT_EXCEEDED');
    });

    it('is for followers of an own open store only, and is marketing', async () => {
      const other = { userId: 8n, role: 'OWNER' };
      const transactional = { announcement: { ...ANNOUNCEMENT, noticeClass: 'TRANSACTIONAL' } };
      const refusals = [
        [{ principal: other }, 'FORBIDDEN'],
        [{ principal: { userId: OWNER_ID, role: 'CUSTOMER' } }, 'FORBIDDEN'],
        [{ audience: { type: 'USERS', id: undefined } }, 'FORBIDDEN'],
        [{ audience: { type: 'POLICY_HOLDERS', id: STORE_ID } }, 'FORBIDDEN'],
        [{ audience: { type: 'STORE_FOLLOWERS', id: 78n } }, 'FORBIDDEN'],
        [transactional, 'VALIDATION_FAILED'],
      ] as const;
      for (const [changes, code] of refusals) {
        const asked = { ...requested(changes), commandKey: undefined };
        for (const response of [
          await create(changes),
          await node.api.previewNoticeJob(asked),
          await node.api.sendTestNotice(asked),
        ])
          expect([changes, codeOf(response)]).toEqual([changes, code]);
      }
      isOpen = false;
      expect(codeOf(await create())).toBe('STORE_NOT_OPEN');
    });

    it('is not sent when its store has closed before its time', async () => {
      const { id } = given(await create({}, new Date(clock.nowMs + HOUR)));
      isOpen = false;
      clock.nowMs += HOUR;
      expect(await ended(id)).toMatchObject({ status: 'CANCELLED', error: 'The store is not open.', written: 0 });
    });

    it('is not sent when its owner was locked before its time', async () => {
      const { id } = given(await create({}, new Date(clock.nowMs + HOUR)));
      locked.add(OWNER_ID);
      clock.nowMs += HOUR;
      const error = 'The account of the owner is locked or deleted.';
      expect(await ended(id)).toMatchObject({ status: 'CANCELLED', error, written: 0 });
      expect(await notifiedUsers()).toEqual([]);
    });

    it("is sent for an owner of the shop's own login, who has no account here", async () => {
      unknown.add(OWNER_ID);
      expect(await ended(given(await create()).id)).toMatchObject({ status: 'DONE', written: 3 });
    });

    it('is seen and cancelled by its owner, and other jobs are missing to them', async () => {
      const later = new Date(clock.nowMs + HOUR);
      const { id } = given(await create({}, later));
      const foreign = await announce('STORE_FOLLOWERS', STORE_ID, later);
      const other = { userId: 8n, role: 'OWNER' };
      const seen = async (principal: object, jobId: bigint) =>
        codeOf(await node.api.getNoticeJob({ principal: principal as typeof OWNER, jobId })) ?? 'job';
      expect(await Promise.all([seen(OWNER, id), seen(OWNER, foreign.id), seen(other, id), seen(ADMIN, id)])).toEqual([
        ...['job', 'NOTICE_JOB_NOT_FOUND', 'NOTICE_JOB_NOT_FOUND', 'job'],
      ]);
      const listed = async (principal: typeof OWNER) => {
        const { outcome } = await node.api.listNoticeJobs({ principal, page: undefined });
        return outcome?.$case === 'jobs' ? outcome.value.jobs.map((job) => job.id) : outcome?.value.code;
      };
      expect([await listed(OWNER), await listed(other), await listed(ADMIN)]).toEqual([[id], [], [foreign.id, id]]);
      const stolen = await node.api.cancelNoticeJob({ principal: other, jobId: id });
      expect(codeOf(stolen)).toBe('NOTICE_JOB_NOT_FOUND');
      expect(given(await node.api.cancelNoticeJob({ principal: OWNER, jobId: id }))).toMatchObject({
        status: 'CANCELLED',
      });
      expect(await listed(OWNER)).toEqual([id]);
    });
  });

  it('a policy that opens notifies the followers of its store and its own, once, however often its events come', async () => {
    const node = open();
    const storeId = await storeRow();
    await follow('STORE', storeId, 11, 13);
    await follow('POLICY', 88n, 21, 22);
    const at = new Date(Date.now() - 1_000).toISOString();
    const opened = delivery('store.coupon_opened', {
      storeId: String(storeId),
      storeName: 'Cafe Sol',
      policyId: '88',
      name: 'Opening day',
      opensAt: at,
    });
    const policy = { policyId: '88', storeId: null, name: 'Opening day', window: { validFrom: at, validUntil: at } };
    const activated = delivery('coupon-policy.activated', policy);
    const unfollowed = delivery('coupon-policy.activated', { ...policy, policyId: '89' });
    for (let time = 0; time < 3; time++) await onOpenings(node)([opened, activated, unfollowed]);
    const jobs = await query<{ id: bigint }>('select id from notification.jobs');
    expect(jobs.length).toBe(2);
    for (const { id } of jobs) await ended(id);
    expect([await notifiedUsers('STORE_COUPON_OPENED'), await notifiedUsers('POLICY_OPENED')]).toEqual([
      [11n, 12n, 13n],
      [21n, 22n],
    ]);
  });

  describe('a policy that is not open at the time of its opening', () => {
    const MINUTE = 60_000;
    const clock = { nowMs: 0 };
    let found: FoundPolicy | undefined;
    let opensAt: Date;
    let node: ReturnType<typeof open>;
    const getPolicy: Coupons['getPolicy'] = async () =>
      found
        ? { outcome: { $case: 'policy', value: found } }
        : { outcome: { $case: 'refusal', value: { code: 'POLICY_NOT_FOUND', details: {} } } };
    const is = (changes: Partial<FoundPolicy> = {}, validFrom = opensAt) => {
      found = { status: 'ACTIVE', terms: { validFrom }, ...changes };
    };
    const waiting = async () =>
      (await query<{ at: Date }>(`select starts_at as at from notification.jobs where status = 'QUEUED'`)).map(
        ({ at }) => at,
      );
    const theJob = async () => (await query<{ id: bigint }>('select id from notification.jobs'))[0]?.id ?? 0n;
    async function until<Value>(read: () => Promise<Value>, holds: (value: Value) => boolean): Promise<void> {
      const untilMs = Date.now() + PATIENCE.testTimeout;
      while (!holds(await read())) {
        if (Date.now() > untilMs) throw new Error('it did not come');
        await sleep(20);
      }
    }

    async function activate(): Promise<void> {
      const window = { validFrom: opensAt.toISOString(), validUntil: opensAt.toISOString() };
      const data = { policyId: '88', storeId: null, name: 'Opening day', window };
      await onOpenings(node)([delivery('coupon-policy.activated', data)]);
    }

    /** Activated an hour early, when it has no followers; two come later. */
    beforeEach(async () => {
      clock.nowMs = Date.now();
      opensAt = new Date(clock.nowMs + HOUR);
      is();
      node = open({ clock: () => clock.nowMs, coupons: { getPolicy } });
      await activate();
      await follow('POLICY', 88n, 21, 22);
    });

    it.each<readonly [string, (id: bigint) => Promise<unknown>]>([
      ['cancelled', (jobId) => node.api.cancelNoticeJob({ principal: ADMIN, jobId })],
      [
        'failed',
        async () => {
          const job = await node.store.acquire([], opensAt);
          if (job === undefined) throw new Error('no job was acquired');
          await node.store.fail(job, 'It failed.', opensAt);
        },
      ],
    ])('a notification that was %s does not begin again when the event is delivered again', async (state, end) => {
      await node.stopJobs();
      await end(await theJob());
      await activate();
      const jobs = await query<{ status: string }>('select status from notification.jobs');
      expect(jobs.map(({ status }) => status)).toEqual([state.toUpperCase()]);
    });

    it('a policy notifies those who follow it after it was activated early', async () => {
      clock.nowMs += HOUR;
      expect(await ended(await theJob())).toMatchObject({ status: 'DONE', written: 2 });
      expect(await notifiedUsers('POLICY_OPENED')).toEqual([21n, 22n]);
    });

    it.each([{ suspensionReason: 'review' }, { status: 'PAUSED' }])(
      'a policy with %j notifies no follower before it resumes',
      async (away) => {
        is(away);
        clock.nowMs += HOUR;
        const later = new Date(clock.nowMs + MINUTE);
        await until(waiting, ([at]) => at?.getTime() === later.getTime());
        expect(await notifiedUsers('POLICY_OPENED')).toEqual([]);
        is();
        clock.nowMs += MINUTE;
        expect(await ended(await theJob())).toMatchObject({ status: 'DONE', written: 2 });
      },
    );

    it('a policy that is moved to another time notifies its followers then', async () => {
      const moved = new Date(opensAt.getTime() + 2 * HOUR);
      is({}, moved);
      clock.nowMs += HOUR;
      await until(waiting, ([at]) => at?.getTime() === moved.getTime());
      expect(await notifiedUsers('POLICY_OPENED')).toEqual([]);
      clock.nowMs += 2 * HOUR;
      expect(await ended(await theJob())).toMatchObject({ status: 'DONE', written: 2 });
    });

    it('a policy that is moved to an earlier time notifies its followers then, and not at the time that it had', async () => {
      is({}, new Date(clock.nowMs - 1));
      await onOpenings(node)([delivery('coupon-policy.changed', { policyId: '88' })]);
      expect(await ended(await theJob())).toMatchObject({ status: 'DONE', written: 2 });
    });

    it('a policy whose move comes before its activation notifies its followers at the time to which it was moved', async () => {
      is({}, new Date(clock.nowMs - 1));
      await follow('POLICY', 90n, 31, 32);
      const window = { validFrom: opensAt.toISOString(), validUntil: opensAt.toISOString() };
      const data = { policyId: '90', storeId: null, name: 'Opening day', window };
      await onOpenings(node)([delivery('coupon-policy.changed', { policyId: '90' })]);
      await onOpenings(node)([delivery('coupon-policy.activated', data)]);
      const [job] = await query<{ id: bigint }>(`select id from notification.jobs where subject = '90'`);
      expect(await ended(job?.id ?? 0n)).toMatchObject({ status: 'DONE', written: 2 });
    });

    it('a policy whose process was killed when it had stored the job notifies its followers after the event is delivered again', async () => {
      is({}, new Date(clock.nowMs - 1));
      await storeRow();
      await follow('STORE', STORE_ID, 11, 13);
      const opened = delivery('store.coupon_opened', {
        ...{ storeId: String(STORE_ID), storeName: 'Cafe Sol', policyId: '90', name: 'Opening day' },
        opensAt: opensAt.toISOString(),
      });
      const runAgain = () => Promise.reject(new Error('the process was killed'));
      await expect(onOpenings({ storeJob: node.storeJob, runAgain })([opened])).rejects.toThrow('was killed');
      await onOpenings(node)([opened]);
      const [job] = await query<{ id: bigint }>(`select id from notification.jobs where subject = '90'`);
      expect(await ended(job?.id ?? 0n)).toMatchObject({ status: 'DONE', written: 3 });
    });

    it('a policy that resumes notifies its followers at once', async () => {
      is({ suspensionReason: 'review' });
      clock.nowMs += HOUR;
      await until(waiting, ([at]) => at?.getTime() === clock.nowMs + MINUTE);
      is();
      await onOpenings(node)([delivery('coupon-policy.resumed', { policyId: '88' })]);
      expect(await ended(await theJob())).toMatchObject({ status: 'DONE', written: 2 });
    });

    it.each(['ended', 'gone'])('a policy that is %s notifies no follower', async (state) => {
      if (state === 'ended') is({ status: 'ENDED' });
      else found = undefined;
      clock.nowMs += HOUR;
      expect(await ended(await theJob())).toMatchObject({
        status: 'CANCELLED',
        error: 'The policy has ended.',
        written: 0,
      });
      expect(await notifiedUsers('POLICY_OPENED')).toEqual([]);
    });

    it.each([
      ['opens at another time', () => is({}, new Date(opensAt.getTime() + HOUR))],
      ['has ended', () => is({ status: 'ENDED' })],
      ['has opened already', () => is({}, new Date(clock.nowMs - 1))],
    ])('the reminder is not sent when it %s', async (reason, change) => {
      await query('update store.followed_policies set opens_at = $1', [opensAt]);
      clock.nowMs += HOUR - 5 * MINUTE;
      change();
      await node.scheduled[0]?.run(new AbortController().signal);
      const [reminder] = await query<{ id: bigint }>('select id from notification.jobs order by id desc limit 1');
      const { status, error } = await ended(reminder?.id ?? 0n);
      expect([status, error]).toEqual(['CANCELLED', `The policy ${reason}.`]);
    });
  });

  it('followers of a policy are reminded once some minutes before it opens', async () => {
    const clock = { nowMs: Date.now() };
    const opensAt = new Date(clock.nowMs + HOUR);
    const value = { status: 'PENDING', terms: { validFrom: opensAt } };
    const getPolicy = async () => ({ outcome: { $case: 'policy' as const, value } });
    const node = open({ clock: () => clock.nowMs, coupons: { getPolicy } });
    await follow('POLICY', 88n, 21, 22);
    await query(`update store.followed_policies set opens_at = $1`, [opensAt]);
    const remind = async () => await node.scheduled[0]?.run(new AbortController().signal);
    expect(await remind()).toBe(0);
    clock.nowMs += HOUR - 300_000;
    expect([await remind(), await remind()]).toEqual([1, 0]);
    const [job] = await query<{ id: bigint }>('select id from notification.jobs');
    expect(await ended(job?.id ?? 0n)).toMatchObject({ written: 2 });
    expect(await notifiedUsers('POLICY_OPENING')).toEqual([21n, 22n]);
  });

  it('users who own no store neither begin nor see jobs, and texts that are no texts are refused', async () => {
    const { api } = open();
    const audience = { type: 'POLICY_FOLLOWERS', id: 88n };
    const of = async (principal: object, changes: object = {}) => {
      const announcement = { ...ANNOUNCEMENT, ...changes };
      const request = { principal: principal as typeof ADMIN, audience, announcement };
      const { outcome } = await api.createNoticeJob({ ...request, startsAt: undefined });
      return outcome?.$case === 'refusal'
        ? [outcome.value.code, ...Object.keys(outcome.value.details)]
        : outcome?.$case;
    };
    for (const role of ['CUSTOMER', 'OWNER']) expect(await of({ userId: 9n, role })).toEqual(['FORBIDDEN']);
    expect(await of(ADMIN, { path: '//evil.example.com' })).toEqual(['VALIDATION_FAILED', 'path']);
    expect(await of(ADMIN, { ko: { title: ' ', body: '' } })).toEqual(['VALIDATION_FAILED', 'ko.title', 'ko.body']);
    expect(await of(ADMIN, { noticeClass: 'REMINDER' })).toEqual(['VALIDATION_FAILED', 'class']);
    const list = await api.listNoticeJobs({ principal: { userId: 9n, role: 'CUSTOMER' }, page: undefined });
    expect(list.outcome).toMatchObject({ value: { code: 'FORBIDDEN' } });
  });

  it.each(['SIGKILL', 'SIGSTOP'] as const)(
    'after %s another node finishes the job, and every follower has exactly one notice',
    async (signal) => {
      const reader = open();
      // This node only looks on.
      await reader.stopJobs();
      const storeId = await storeRow();
      await follow('STORE', storeId, 1, 30_000);
      const job = await announce('STORE_FOLLOWERS', storeId);
      const child = fork(PROCESS, [home.url, '900000000000']);
      const gone = once(child, 'exit');
      try {
        while (((await reader.store.find(job.id))?.done ?? 0) < 4_000) {
          expect(child.exitCode).toBeNull();
          await sleep(5);
        }
        child.kill(signal);
        expect((await reader.store.find(job.id))?.done).toBeLessThan(30_000);
        // A dead process renews nothing, so its lease need not be waited for; of a frozen one it is.
        if (signal === 'SIGKILL')
          await query(`update notification.jobs set lease_until = lease_until - interval '9 seconds'`);
        open();
        expect(await ended(job.id)).toMatchObject({ status: 'DONE', done: 30_000, total: 30_000, written: 30_000 });
        // The frozen process resumes in the middle of a page, and may not complete it.
        child.kill('SIGCONT');
        await sleep(300);
        expect(await reader.store.find(job.id)).toMatchObject({ status: 'DONE', done: 30_000, written: 30_000 });
        expect(await notifiedUsers()).toEqual(range(1, 30_000));
        const [wrong] = await query(`
          select 1 from notification.inboxes where unread <> 1 union all
          select 1 from (select unnest(user_ids) as u from notification.delivery_batches) as d group by u having count(*) <> 1`);
        expect(wrong).toBeUndefined();
      } finally {
        child.kill('SIGKILL');
        await gone;
      }
    },
  );
});
