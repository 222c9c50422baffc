import type { Delivery, Handler } from '../../../platform/events/bus.ts';
import { changeStaff, deleteStore } from '../domain/change-store.ts';
import { withoutDetails } from '../domain/store.ts';
import type { DeletedUsers, StoreStore } from './ports.ts';

export const USER_CONSUMER = 'store.users';
export const USER_DELETED = 'user.deleted';
/** Identity calls this context, so its types are not imported. */
type UserDeleted = Delivery<{ readonly userId: string }, typeof USER_DELETED>;

/**
 * Deletes the stores of a user who has gone, with what the owner stated about them, also about stores that were deleted before, and takes the user off
 * the staff of others and off the followers of everything. A store that is deleted already is not found, so an event that is delivered again
 * changes nothing.
 */
export const onUserDeleted =
  (
    store: Pick<StoreStore, 'change' | 'forgetDeleted' | 'idsOfOwner' | 'idsOfStaff'>,
    deletedUsers: DeletedUsers,
    unfollowAll: (userId: bigint) => Promise<void>,
  ): Handler<UserDeleted> =>
  async (batch) => {
    for (const { event } of batch) {
      const userId = BigInt(event.data.userId);
      for (const id of await store.idsOfOwner(userId)) {
        await store.change(id, (before, now) => withoutDetails(deleteStore(before, now)));
      }
      await store.forgetDeleted(userId);
      for (const id of await store.idsOfStaff(userId)) {
        await store.change(id, (before) => changeStaff(before, userId, false));
      }
      await deletedUsers.add(userId);
      await unfollowAll(userId);
    }
  };
