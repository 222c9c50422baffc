import { tmpdir } from 'node:os';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createCoupon } from '../../src/contexts/coupon/module.ts';
import { createNotification } from '../../src/contexts/notification/module.ts';
import { createStore } from '../../src/contexts/store/module.ts';
import { inProcessBus } from '../../src/platform/events/bus-in-process.ts';
import { postgresDeadLetters } from '../../src/platform/events/dead-letters.ts';
import { openFiles } from '../../src/platform/files/open-files.ts';
import { DAY_MS } from '../../src/platform/kernel/durations.ts';
import { snowflake } from '../../src/platform/kernel/ids.ts';
import { openDatabase } from '../../src/platform/postgres/database.ts';

export const STORE = 77n;
const ADMIN = { userId: 1n, role: 'ADMIN' };
const IN_FLIGHT = 512;
/** No channel is configured, so nobody is reached. */
const NO_CONTACTS = {
  getContacts: async () => ({ contacts: [], unknownUserIds: [] }),
  withdrawConsent: async () => {},
  listAdministrators: async () => ({ userIds: [] }),
};

/** Stores, coupons and notices in this process, without the relay: what events cost is the same with and without a job. */
export function openSystem(url: string) {
  const log = pino({ level: 'warn' }, process.stderr);
  const metrics = new Registry();
  const database = openDatabase({ url, onError: () => {} });
  const bus = inProcessBus({ deadLetters: postgresDeadLetters(database.pool), metrics, log });
  const deps = { database, bus, clock: Date.now, metrics, log, nextId: snowflake(() => 1, Date.now) };
  const store = createStore({ ...deps, images: openFiles({ kind: 'DIRECTORY', directory: tmpdir() }, deps).images });
  const coupon = createCoupon(deps, { store: store.api }, { rateLimit: false });
  const notification = createNotification(deps, { store: store.api, coupon: coupon.api, identity: NO_CONTACTS });
  let nextUser = 1n;

  async function issueFor(seconds: number): Promise<number> {
    const policyId = await openPolicy();
    const endsAt = performance.now() + seconds * 1_000;
    let issued = 0;
    const worker = async (): Promise<void> => {
      while (performance.now() < endsAt) {
        const { outcome } = await coupon.api.issueCoupon({ policyId, userId: nextUser++ });
        if (outcome?.$case !== 'coupon') throw new Error(JSON.stringify(outcome));
        issued += 1;
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    return issued / seconds;
  }

  async function openPolicy(): Promise<bigint> {
    const { outcome } = await coupon.api.createPolicy({
      principal: ADMIN,
      terms: {
        name: 'Opening day',
        description: '',
        discountType: 'FIXED_AMOUNT',
        discountValue: 1_000n,
        minimumOrderAmount: 0n,
        distributionType: 'FIRST_COME',
        maxIssueCount: 100_000_000,
        maxIssuePerUser: 1,
        validDays: 30,
        validFrom: new Date(Date.now() - DAY_MS),
        validUntil: new Date(Date.now() + DAY_MS),
        timezone: 'Asia/Seoul',
        restoreOnRefund: false,
      } as never,
    });
    if (outcome?.$case !== 'policy') throw new Error(JSON.stringify(outcome));
    return outcome.value.id;
  }

  /** Begins a job for the followers of the store. */
  async function announce(): Promise<bigint> {
    const text = { title: 'A new coupon at Cafe Sol', body: 'Opening day' };
    const { outcome } = await notification.api.createNoticeJob({
      principal: ADMIN,
      audience: { type: 'STORE_FOLLOWERS', id: STORE },
      announcement: { noticeClass: 'MARKETING', ko: text, en: text, path: '' },
      startsAt: undefined,
    });
    if (outcome?.$case !== 'job') throw new Error(JSON.stringify(outcome));
    return outcome.value.id;
  }

  async function progress(jobId: bigint): Promise<{ readonly written: number; readonly isDone: boolean }> {
    const { outcome } = await notification.api.getNoticeJob({ principal: ADMIN, jobId });
    if (outcome?.$case !== 'job') throw new Error(JSON.stringify(outcome));
    return { written: outcome.value.written, isDone: outcome.value.status === 'DONE' };
  }

  return {
    database,
    issueFor,
    announce,
    progress,
    async stop() {
      await notification.stop();
      await coupon.stop();
      await store.stop();
      await database.close();
    },
  };
}

export type System = ReturnType<typeof openSystem>;
