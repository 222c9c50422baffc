import { executeOnce } from '../../../platform/kernel/command-key.ts';
import type { CommandKey, Principal } from '../../../platform/kernel/contract.ts';
import type { Refusal } from '../../../platform/kernel/refusal.ts';
import type { DeleteStoreRequest, SetStaffRequest, StoreResponse, UpdateStoreRequest } from '../api.ts';
import { changeStaff, deleteStore as deleted, editStore, type StoreEdit } from '../domain/change-store.ts';
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
