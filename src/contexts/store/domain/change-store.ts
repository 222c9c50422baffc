import { isRefusal, type Refusal } from '../../../platform/kernel/refusal.ts';
import { refuse } from '../refusals.ts';
import { checkDetails, type RequestedDetails } from './check-details.ts';
import { IMAGES_MAX, STAFF_MAX } from './limits.ts';
import type { Store, StoreStatus } from './store.ts';

/** Absent fields are not changed. */
export interface StoreEdit {
  /** The version that the caller has read; absent = any. */
  readonly version?: number | undefined;
  readonly details: Partial<RequestedDetails>;
  readonly status?: string | undefined;
}

/**
 * Applies an edit. A store never becomes PENDING again. Refused: OPTIMISTIC_LOCK_FAILURE, VALIDATION_FAILED. An edit that changes nothing
 * returns the same object.
 */
export function editStore(
  store: Store,
  { version, details: edited, status = store.status }: StoreEdit,
): Store | Refusal {
  if (version !== undefined && version !== store.version) {
    return refuse('OPTIMISTIC_LOCK_FAILURE', { currentVersion: String(store.version) });
  }
  if (!isStatusAfter(status, store.status)) return refuse('VALIDATION_FAILED', { status: 'must be OPEN or CLOSED' });
  const details = checkDetails({ ...store.details, ...edited });
  if (isRefusal(details)) return details;
  const isSame = status === store.status && Object.keys(edited).length === 0;
  return isSame ? store : { ...store, details, status, version: store.version + 1 };
}

const isStatusAfter = (status: string, before: StoreStatus): status is StoreStatus =>
  status === before || status === 'OPEN' || status === 'CLOSED';

/** Adds a user to the staff, or removes one. Refused: STAFF_LIMIT_EXCEEDED, VALIDATION_FAILED. */
export function changeStaff(store: Store, userId: bigint, isStaff: boolean): Store | Refusal {
  if (userId <= 0n) return refuse('VALIDATION_FAILED', { userId: 'must be the id of a user' });
  if (store.staff.includes(userId) === isStaff) return store;
  if (isStaff && store.staff.length >= STAFF_MAX) return refuse('STAFF_LIMIT_EXCEEDED', { limit: String(STAFF_MAX) });
  const staff = isStaff ? [...store.staff, userId] : store.staff.filter((id) => id !== userId);
  return { ...store, staff, version: store.version + 1 };
}

/** Adds the file of an uploaded image. Refused: IMAGE_LIMIT_EXCEEDED. */
export function addImage(store: Store, file: string): Store | Refusal {
  if (store.imageFiles.length >= IMAGES_MAX) return refuse('IMAGE_LIMIT_EXCEEDED', { limit: String(IMAGES_MAX) });
  return { ...store, imageFiles: [...store.imageFiles, file], version: store.version + 1 };
}

/** Takes the file with this id off. Refused: IMAGE_NOT_FOUND. */
export function removeImage(store: Store, imageId: bigint): Store | Refusal {
  const imageFiles = store.imageFiles.filter((file) => !file.startsWith(`${imageId}-`));
  if (imageFiles.length === store.imageFiles.length) return refuse('IMAGE_NOT_FOUND');
  return { ...store, imageFiles, version: store.version + 1 };
}

/** Closes the store for good. */
export const deleteStore = (store: Store, now: Date): Store => ({
  ...store,
  status: 'CLOSED',
  staff: [],
  imageFiles: [],
  version: store.version + 1,
  deletedAt: now,
});
