import type { Images } from '../../../platform/files/images.ts';
import { NO_IMAGE } from '../../../platform/files/no-image.ts';
import { executeOnce } from '../../../platform/kernel/command-key.ts';
import type { CommandKey, Principal } from '../../../platform/kernel/contract.ts';
import { isRefusal, type Refusal, toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import type {
  AddStoreImageRequest,
  DeleteStoreRequest,
  RemoveStoreImageRequest,
  SetStaffRequest,
  StoreResponse,
  UpdateStoreRequest,
} from '../api.ts';
import {
  addImage,
  changeStaff,
  deleteStore as deleted,
  editStore,
  removeImage,
  type StoreEdit,
} from '../domain/change-store.ts';
import { IMAGE_SIDES } from '../domain/limits.ts';
import { mayChange, maySee, type Store } from '../domain/store.ts';
import { refuse } from '../refusals.ts';
import type { StoreStore } from './ports.ts';
import { CHANGING } from './responses.ts';

interface ChangeRequest {
  readonly principal?: Principal | undefined;
  readonly storeId: bigint;
  readonly commandKey?: CommandKey | undefined;
}

type Changes = Pick<StoreStore, 'change'>;

/** What all changes share: permission under the lock, and the idempotency key. A store that the caller does not see is missing. */
function change(
  store: Changes,
  { principal, storeId, commandKey }: ChangeRequest,
  decide: (before: Store, now: Date) => Store | Refusal,
): Promise<StoreResponse> {
  const allowed = (before: Store, now: Date): Store | Refusal => {
    if (mayChange(principal, before)) return decide(before, now);
    return refuse(maySee(principal, before) ? 'FORBIDDEN' : 'STORE_NOT_FOUND');
  };
  return executeOnce(commandKey, CHANGING, (idempotency) => store.change(storeId, allowed, idempotency));
}

/** Edits a store, opens it or closes it. */
export const updateStore =
  (store: Changes) =>
  (request: UpdateStoreRequest): Promise<StoreResponse> =>
    change(store, request, (before) => editStore(before, editOf(request)));

function editOf(request: UpdateStoreRequest): StoreEdit {
  const { version, status, name, category, description, address, location, images, openingHours } = request;
  const details = {
    ...(name !== undefined && { name }),
    ...(category !== undefined && { category }),
    ...(description !== undefined && { description }),
    ...(address !== undefined && { address }),
    ...(location !== undefined && { location: location.location ?? null }),
    ...(images !== undefined && { images: images.urls }),
    ...(openingHours !== undefined && { openingHours: openingHours.entries }),
  };
  return { version, status, details };
}

export const deleteStore =
  (store: Changes) =>
  (request: DeleteStoreRequest): Promise<StoreResponse> =>
    change(store, request, deleted);

/** Adds a user to the staff, or removes one. */
export const setStaff =
  (store: Changes) =>
  (request: SetStaffRequest): Promise<StoreResponse> =>
    change(store, request, (before) => changeStaff(before, request.userId, request.isStaff));

/** Encodes an image and adds it to a store. Refused, beside what all changes are: IMAGE_LIMIT_EXCEEDED, VALIDATION_FAILED. */
export const addStoreImage =
  (store: Pick<StoreStore, 'change' | 'find'>, images: Images) =>
  async (request: AddStoreImageRequest): Promise<StoreResponse> => {
    const { principal, storeId, content } = request;
    const found = await store.find(storeId);
    // A stranger's image is not worth encoding. The change below refuses it, unless its key is known.
    const isAllowed = found !== undefined && mayChange(principal, found);
    const file = isAllowed ? await images.add(content, IMAGE_SIDES) : undefined;
    if (isAllowed && file === undefined) return toRefusalResponse(refuse('VALIDATION_FAILED', NO_IMAGE));
    const withoutLosing: Changes = {
      async change(id, decide, idempotency) {
        let isNamed = false;
        const adding = (before: Store, now: Date): Store | Refusal => {
          const after = decide(before, now);
          isNamed = !isRefusal(after);
          return after;
        };
        return await images.afterChange(store.change(id, adding, idempotency), () => (isNamed ? [] : [file]));
      },
    };
    return await change(withoutLosing, request, (before) =>
      file === undefined ? refuse('STORE_NOT_FOUND') : addImage(before, file),
    );
  };

/** Takes an image off a store. Refused, beside what all changes are: IMAGE_NOT_FOUND. */
export const removeStoreImage =
  (store: Changes) =>
  (request: RemoveStoreImageRequest): Promise<StoreResponse> =>
    change(store, request, (before) => removeImage(before, request.imageId));
