import type { DeliveryOf, Handler } from '../../../../platform/events/bus.ts';
import type { Clock } from '../../../../platform/kernel/clock.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import type { CouponEvents } from '../../../coupon/api.ts';
import type { StoreEvents } from '../../../store/api.ts';
import { noticeDay } from '../../domain/notice.ts';
import { type NoticeJob, newJob } from '../../domain/notice-job.ts';
import type { Audiences } from './audiences.ts';
import type { JobStore } from './ports.ts';

export const JOBS_CONSUMER = 'notification.jobs';

export interface StoreJobDeps {
  readonly store: Pick<JobStore, 'insert'>;
  readonly audiences: Pick<Audiences, 'size'>;
  readonly clock: Clock;
  readonly nextId: IdSource;
  /** Called after a job was stored. */
  readonly wake: () => void;
}

/** A job to store. The day of its notices is that of `startsAt`, however late the job runs. */
type JobRequest = Pick<NoticeJob, 'audience' | 'startsAt'> & {
  readonly onceKey: string;
  readonly notice: Omit<NoticeJob['notice'], 'day'>;
};

/** Stores a job, once for its key. Returns false without storing when the job is due and its audience is empty. */
export const storeJob =
  ({ store, audiences, clock, nextId, wake }: StoreJobDeps) =>
  async ({ notice, ...request }: JobRequest): Promise<boolean> => {
    const size = await audiences.size(request.audience);
    if (size === 0 && request.startsAt.getTime() <= clock()) return false;
    const day = noticeDay(request.startsAt.getTime());
    const stated = { ...request, id: nextId(), notice: { ...notice, day }, status: 'QUEUED', createdBy: null } as const;
    const isNew = (await store.insert(newJob(stated, size, clock()))) !== undefined;
    if (isNew) wake();
    return isNew;
  };

type OpeningEvents = Pick<StoreEvents, 'store.coupon_opened'> &
  Pick<CouponEvents, `coupon-policy.${'activated' | 'changed' | 'resumed'}`>;
type OpeningTopic = keyof OpeningEvents;

/** The job of an event, by its topic. Undefined: there is none. */
const JOB_REQUESTS: { readonly [Topic in OpeningTopic]: (data: OpeningEvents[Topic]) => JobRequest | undefined } = {
  'store.coupon_opened': ({ storeId, storeName, policyId, name, opensAt }) => ({
    audience: { type: 'STORE_FOLLOWERS', id: BigInt(storeId) },
    onceKey: `store.coupon_opened ${policyId}`,
    startsAt: new Date(opensAt),
    notice: {
      kind: 'STORE_COUPON_OPENED',
      subject: policyId,
      data: { policyId, storeId, storeName, couponName: name },
    },
  }),
  // Once for a policy: it is activated again when there is more stock.
  'coupon-policy.activated': ({ policyId, name, window }) => ({
    audience: { type: 'POLICY_FOLLOWERS', id: BigInt(policyId) },
    onceKey: `coupon-policy.activated ${policyId}`,
    startsAt: new Date(window.validFrom),
    notice: { kind: 'POLICY_OPENED', subject: policyId, data: { policyId, couponName: name } },
  }),
  // The policy opens at another time, or issues again: its jobs that wait may have to run earlier.
  'coupon-policy.changed': () => undefined,
  'coupon-policy.resumed': () => undefined,
};
export const JOB_TOPICS = Object.keys(JOB_REQUESTS) as readonly OpeningTopic[];

const requestOf = <Topic extends OpeningTopic>({
  topic,
  event,
}: DeliveryOf<OpeningEvents, Topic>): JobRequest | undefined => JOB_REQUESTS[topic](event.data);

export interface OpeningDeps {
  readonly storeJob: ReturnType<typeof storeJob>;
  /** Runs the jobs of a policy that wait: each reads the policy and writes its notices, or waits until the time that the policy has now. */
  readonly runAgain: (policyId: string) => Promise<void>;
}

/** Stores the jobs of events, and runs those that wait again. A job is stored once for its key, so an event that is delivered again stores none. */
export const onOpenings =
  ({ storeJob, runAgain }: OpeningDeps): Handler<DeliveryOf<OpeningEvents>> =>
  async (batch) => {
    for (const delivery of batch) {
      const request = requestOf(delivery);
      if (request !== undefined) await storeJob(request);
      // Also after an event that stores a job: Kafka keeps no order between topics, so the policy may have been moved by one that came before it. And also
      // when the job was stored already: the process may have been killed before its job ran again.
      await runAgain(delivery.event.data.policyId);
    }
  };
