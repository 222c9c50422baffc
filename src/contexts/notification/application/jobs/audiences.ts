import { type Refusal, refusalIn } from '../../../../platform/kernel/refusal.ts';
import { slices } from '../../../../platform/kernel/slices.ts';
import { CONTACTS_MAX } from '../../../identity/api.ts';
import type { Audience, AudiencePage, NoticeJob } from '../../domain/notice-job.ts';
import type { Accounts, Coupons, JobStore, Stores } from './ports.ts';

export interface AudienceDeps {
  readonly stores: Pick<Stores, 'listFollowers' | 'checkStore'>;
  readonly coupons: Pick<Coupons, 'listHolders' | 'getPolicy'>;
  readonly accounts: Accounts;
  readonly lists: Pick<JobStore, 'users'>;
}

/** Reads the users of a job, page by page. */
export interface Audiences {
  /** What follows the position of the job. */
  next(job: Pick<NoticeJob, 'id' | 'audience' | 'position'>, limit: number): Promise<AudiencePage>;
  /** Why there is none: STORE_NOT_FOUND, POLICY_NOT_FOUND. */
  missing(audience: Audience): Promise<Refusal | undefined>;
  /** How many users there are now. */
  size(audience: Audience): Promise<number>;
}

export function audiences({ stores, coupons, accounts, lists }: AudienceDeps): Audiences {
  async function followers($case: 'storeId' | 'policyId', value: bigint, after: bigint, limit: number) {
    const {
      userIds,
      hasMore,
      followers: size,
    } = await stores.listFollowers({ target: { $case, value }, after, limit });
    return { userIds, hasMore, size, position: userIds.at(-1) ?? after };
  }

  async function page(jobId: bigint, audience: Audience, after: bigint, limit: number): Promise<AudiencePage> {
    switch (audience.type) {
      case 'STORE_FOLLOWERS':
        return await followers('storeId', audience.id, after, limit);
      case 'POLICY_FOLLOWERS':
        return await followers('policyId', audience.id, after, limit);
      case 'POLICY_HOLDERS': {
        const found = await coupons.listHolders({ policyId: audience.id, after: Number(after), limit });
        const { userIds, hasMore, next, issued } = found;
        return { userIds, hasMore, size: issued, position: BigInt(next) };
      }
      case 'USERS':
        return await withUnknown(await lists.users(jobId, after, limit));
    }
  }

  /** Counts the ids of an uploaded list that identity does not know: a list may have mistakes. Users of other audiences followed something or have a coupon. */
  async function withUnknown(found: AudiencePage): Promise<AudiencePage> {
    let unknown = 0;
    for (const userIds of slices(found.userIds, CONTACTS_MAX)) {
      unknown += (await accounts.getContacts({ userIds })).unknownUserIds.length;
    }
    return { ...found, unknown };
  }

  return {
    next: ({ id, audience, position }, limit) => page(id, audience, position, limit),
    async missing({ type, id }) {
      if (id === null) return undefined;
      return refusalIn(
        await (type === 'STORE_FOLLOWERS' ? stores.checkStore({ storeId: id }) : coupons.getPolicy({ policyId: id })),
      );
    },
    size: async (audience) => (audience.type === 'USERS' ? 0 : (await page(0n, audience, 0n, 1)).size),
  };
}
