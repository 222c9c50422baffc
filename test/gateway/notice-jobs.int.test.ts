import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../src/platform/kernel/durations.ts';
import { type Answer, policyBody, type Stage, stage, storeOf, testUsers, until } from '../attacks/support.ts';

let on: Stage;
const testUser = testUsers();
beforeAll(async () => {
  on = await stage({ sandbox: true });
});
afterAll(async () => {
  expect(await on.violations()).toEqual([]);
  await on.stop();
});

const JOBS = '/api/v1/notification-jobs';
const said = ({ status, body }: Answer): string => `${status} ${body?.code ?? ''}`.trim();
const admin = () => on.token(testUser(1), 'ADMIN');
const post = (path: string, json: object, token = admin()) => on.call('POST', path, { token, json });
const follow = (user: number, what: string, id: string) =>
  on.call('PUT', `/api/v1/${what}/${id}/subscription`, { token: on.token(testUser(user)) });
const texts = {
  class: 'TRANSACTIONAL',
  ko: { title: '점검 안내', body: '오늘 밤' },
  en: { title: 'Maintenance', body: 'Tonight' },
};

async function inboxOf(user: number, language = 'en') {
  const headers = { 'accept-language': language };
  const { body } = await on.call('GET', '/api/v1/notifications', { token: on.token(testUser(user)), headers });
  return body.notifications as { readonly kind: string; readonly title: string; readonly data: object }[];
}
const kindsOf = async (user: number) => (await inboxOf(user)).map(({ kind }) => kind);

async function policyOf(changes: object): Promise<string> {
  const { body } = await post('/api/v1/coupon-policies', policyBody({ ...changes }, on.now()));
  return body.couponPolicyId;
}

async function ended(jobId: string) {
  const read = async () => (await on.call('GET', `${JOBS}/${jobId}`, { token: admin() })).body;
  await until(async () => (await read()).status === 'DONE');
  return await read();
}

describe('notices for many users', () => {
  it('the followers of a store get one notice of a new coupon, and other users none', async () => {
    const storeId = await storeOf(on, testUser(11));
    await follow(12, 'stores', storeId);
    const policyId = await policyOf({ storeId });
    await until(async () => (await inboxOf(12)).length === 1);
    expect(await inboxOf(12)).toMatchObject([
      { kind: 'STORE_COUPON_OPENED', title: 'A new coupon at Cafe Sol', data: { policyId, storeId } },
    ]);
    for (const step of ['pause', 'activate']) await post(`/api/v1/admin/coupon-policies/${policyId}/${step}`, {});
    await on.runJobs();
    expect([await kindsOf(12), await kindsOf(13)]).toEqual([['STORE_COUPON_OPENED'], []]);
  });

  it('followers of a policy get a notice before it opens, and one when it opens', async () => {
    const validFrom = new Date(on.now() + HOUR_MS).toISOString();
    const policyId = await policyOf({ validFrom });
    await follow(22, 'coupon-policies', policyId);
    await on.runJobs();
    expect(await kindsOf(22)).toEqual([]);
    await on.advance(HOUR_MS - 5 * MINUTE_MS);
    await on.runJobs();
    await until(async () => (await inboxOf(22)).length === 1);
    await on.advance(6 * MINUTE_MS);
    await on.runJobs();
    await until(async () => (await inboxOf(22)).length === 2);
    expect(await kindsOf(22)).toEqual(['POLICY_OPENED', 'POLICY_OPENING']);
  });

  it.each(['suspend', 'pause'])(
    'after a %s before the opening no follower gets a notice until it is lifted',
    async (change) => {
      const user = change === 'suspend' ? 61 : 62;
      const storeId = await storeOf(on, testUser(60));
      const validFrom = new Date(on.now() + HOUR_MS).toISOString();
      const policyId = await policyOf({ storeId, validFrom });
      await post(`/api/v1/admin/coupon-policies/${policyId}/activate`, {});
      await follow(user, 'coupon-policies', policyId);
      await follow(user, 'stores', storeId);
      const reason = change === 'suspend' ? { reason: 'review' } : {};
      expect((await post(`/api/v1/admin/coupon-policies/${policyId}/${change}`, reason)).status).toBe(200);
      await on.advance(HOUR_MS + MINUTE_MS);
      await on.runJobs();
      const queued = async () =>
        (await on.call('GET', JOBS, { token: admin() })).body.jobs.filter(
          (job: { subject: string; status: string; startsAt: string }) =>
            job.subject === policyId && job.status === 'QUEUED' && job.startsAt > validFrom,
        ).length;
      await until(async () => (await queued()) === 2);
      expect(await kindsOf(user)).toEqual([]);
      const lift = change === 'suspend' ? 'resume' : 'activate';
      expect((await post(`/api/v1/admin/coupon-policies/${policyId}/${lift}`, {})).status).toBe(200);
      await on.advance(2 * MINUTE_MS);
      await until(async () => (await inboxOf(user)).length === 2);
      expect((await kindsOf(user)).sort()).toEqual(['POLICY_OPENED', 'STORE_COUPON_OPENED']);
    },
  );

  it('an announcement to a store or policy that does not exist is refused, also in the preview', async () => {
    const missing = [
      [{ type: 'STORE_FOLLOWERS', storeId: '4' }, '404 STORE_NOT_FOUND'],
      [{ type: 'POLICY_FOLLOWERS', couponPolicyId: '4' }, '404 POLICY_NOT_FOUND'],
      [{ type: 'POLICY_HOLDERS', couponPolicyId: '4' }, '404 POLICY_NOT_FOUND'],
    ] as const;
    for (const [audience, refusal] of missing)
      for (const path of [JOBS, `${JOBS}/preview`])
        expect(said(await post(path, { audience, ...texts }))).toBe(refusal);
  });

  it('an announcement that waits is cancelled, and is never sent', async () => {
    const storeId = await storeOf(on, testUser(71));
    await follow(72, 'stores', storeId);
    const startsAt = new Date(on.now() + HOUR_MS).toISOString();
    const { body: job } = await post(JOBS, { audience: { type: 'STORE_FOLLOWERS', storeId }, ...texts, startsAt });
    const cancelled = await on.call('DELETE', `${JOBS}/${job.jobId}`, { token: admin() });
    expect([cancelled.status, cancelled.body.status]).toEqual([200, 'CANCELLED']);
    await on.advance(HOUR_MS + MINUTE_MS);
    const { body: next } = await post(JOBS, { audience: { type: 'STORE_FOLLOWERS', storeId }, ...texts });
    await ended(next.jobId);
    expect(await kindsOf(72)).toEqual(['ANNOUNCEMENT']);
    expect(said(await on.call('DELETE', `${JOBS}/${next.jobId}`, { token: admin() }))).toBe('409 NOTICE_JOB_ENDED');
  });

  it('an administrator previews an announcement, sends it to themself, and announces it to followers', async () => {
    const storeId = await storeOf(on, testUser(31));
    for (const user of [32, 33]) await follow(user, 'stores', storeId);
    const body = { audience: { type: 'STORE_FOLLOWERS', storeId }, ...texts, path: `/stores/${storeId}` };
    const preview = await post(`${JOBS}/preview`, body);
    expect(preview.body).toEqual({ ko: texts.ko, en: texts.en, path: `/stores/${storeId}`, size: 2 });
    expect(said(await post(`${JOBS}/test`, texts))).toBe('204');
    const own = await on.call('GET', '/api/v1/notifications', { token: admin() });
    expect(own.body.notifications).toMatchObject([{ kind: 'ANNOUNCEMENT', title: 'Maintenance', path: '/' }]);
    const { status, body: job } = await post(JOBS, body);
    expect(status).toBe(202);
    expect(await ended(job.jobId)).toMatchObject({ total: 2, done: 2, written: 2 });
    expect((await inboxOf(32, 'ko')).map(({ title }) => title)).toEqual(['점검 안내']);
    const { body: list } = await on.call('GET', `${JOBS}?limit=1`, { token: admin() });
    expect([list.jobs[0].jobId, list.hasMore]).toEqual([job.jobId, true]);
  });

  it('a list of users is uploaded, and a line that is no user is refused with its row', async () => {
    const { body: job } = await post(JOBS, { audience: { type: 'USERS' }, ...texts });
    expect(job.status).toBe('OPEN');
    const upload = (text: string) =>
      on.call('POST', `${JOBS}/${job.jobId}/users.csv`, {
        token: admin(),
        text,
        headers: { 'content-type': 'text/csv' },
      });
    const refused = await upload('userId\n42\nforty-two\n');
    expect([said(refused), refused.body.errors[0].field]).toEqual(['400 VALIDATION_FAILED', 'row 2']);
    for (const empty of ['', 'userId\n', '\n\n'])
      expect([empty, said(await upload(empty))]).toEqual([empty, '400 VALIDATION_FAILED']);
    const taken = await upload(`userId\n${testUser(42)}\n${testUser(43)}\n${testUser(42)}\n`);
    expect([taken.status, taken.body.total]).toEqual([202, 2]);
    expect(await ended(job.jobId)).toMatchObject({ written: 2 });
    expect([await kindsOf(42), await kindsOf(43)]).toEqual([['ANNOUNCEMENT'], ['ANNOUNCEMENT']]);
    expect(said(await upload(`userId\n${testUser(44)}\n`))).toBe('409 NOTICE_JOB_LIST_CLOSED');
  });

  it('docs/attacks.md 33: customers, and owners of other stores, neither announce nor see jobs', async () => {
    const storeId = await storeOf(on, testUser(52));
    const { body: job } = await post(JOBS, { audience: { type: 'USERS' }, ...texts });
    for (const role of ['CUSTOMER', 'OWNER'] as const) {
      const token = on.token(testUser(51), role);
      const csv = { token, text: '42', headers: { 'content-type': 'text/csv' } };
      const followers = { audience: { type: 'STORE_FOLLOWERS', storeId }, ...texts, class: 'MARKETING' };
      const changes = [
        await post(JOBS, { audience: { type: 'USERS' }, ...texts }, token),
        await post(JOBS, followers, token),
        await post(`${JOBS}/preview`, followers, token),
        await post(`${JOBS}/test`, followers, token),
        await post(`${JOBS}/test`, texts, token),
        await on.call('POST', `${JOBS}/${job.jobId}/users.csv`, csv),
      ];
      expect(changes.map(said)).toEqual(changes.map(() => '403 FORBIDDEN'));
      const ofOthers = [
        await on.call('GET', `${JOBS}/${job.jobId}`, { token }),
        await on.call('DELETE', `${JOBS}/${job.jobId}`, { token }),
      ];
      const refusal = role === 'OWNER' ? '404 NOTICE_JOB_NOT_FOUND' : '403 FORBIDDEN';
      expect(ofOthers.map(said)).toEqual([refusal, refusal]);
    }
    const asCustomer = await on.call('GET', JOBS, { token: on.token(testUser(51)) });
    const asOwner = await on.call('GET', JOBS, { token: on.token(testUser(51), 'OWNER') });
    expect([said(asCustomer), asOwner.body.jobs]).toEqual(['403 FORBIDDEN', []]);
    const missing = await on.call('GET', `${JOBS}/4`, { token: admin() });
    expect(said(missing)).toBe('404 NOTICE_JOB_NOT_FOUND');
  });

  it('the owner of a store previews an announcement, tests it, and announces it to the followers once a day', async () => {
    const owner = on.token(testUser(81), 'OWNER');
    const storeId = await storeOf(on, testUser(81));
    await follow(82, 'stores', storeId);
    const body = { audience: { type: 'STORE_FOLLOWERS', storeId }, ...texts, class: 'MARKETING' };
    const preview = await post(`${JOBS}/preview`, body, owner);
    expect([preview.body.en.title, preview.body.size]).toEqual(['[Cafe Sol] Maintenance', 1]);
    expect(said(await post(`${JOBS}/test`, body, owner))).toBe('204');
    const { status, body: job } = await post(JOBS, body, owner);
    expect(status).toBe(202);
    expect(await ended(job.jobId)).toMatchObject({ written: 1 });
    expect((await inboxOf(82)).map(({ title }) => title)).toEqual(['[Cafe Sol] Maintenance']);
    expect((await inboxOf(81)).map(({ title }) => title)).toEqual(['[Cafe Sol] Maintenance']);
    const again = await post(JOBS, body, owner);
    expect([said(again), again.body.storeId]).toEqual(['409 ANNOUNCEMENT_LIMIT_EXCEEDED', storeId]);
    const { body: list } = await on.call('GET', JOBS, { token: owner });
    expect(list.jobs.map(({ jobId }: { jobId: string }) => jobId)).toEqual([job.jobId]);
  });

  it.each([
    { ko: { title: ' ', body: 'x' } },
    { en: { title: 'x', body: '' } },
    { en: { title: 'x', body: 'two\nlines' } },
    { en: { title: 'x'.repeat(101), body: 'x' } },
    { en: { title: 'x', body: 'x'.repeat(501) } },
    { path: 'https://evil.example.com' },
    { path: '//evil.example.com' },
    { class: 'REMINDER' },
    { audience: { type: 'STORE_FOLLOWERS' } },
    { audience: { type: 'EVERYBODY' } },
  ])('an announcement with %j is refused', async (changes) => {
    const body = { audience: { type: 'USERS' }, ...texts, ...changes };
    expect(said(await post(JOBS, body))).toBe('400 VALIDATION_FAILED');
  });
});
