import type { SubscriptionReader } from './ports.ts';
import type { SubscriptionBatcher } from './subscription-batcher.ts';

const PAGE = 500;

/** Makes a user follow nothing any more. */
export const unfollowAll =
  (reader: Pick<SubscriptionReader, 'allOf'>, batcher: Pick<SubscriptionBatcher, 'submitBulk'>) =>
  async (userId: bigint): Promise<void> => {
    let after: bigint | undefined = 0n;
    while (after !== undefined) {
      const page = await reader.allOf(userId, after, PAGE);
      await Promise.all(page.map(({ id: _, ...key }) => batcher.submitBulk({ ...key, isFollowing: false })));
      after = page.length === PAGE ? page.at(-1)?.id : undefined;
    }
  };
