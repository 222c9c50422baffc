import type { Clock } from '../../../platform/kernel/clock.ts';
import { executeOnce, type Responding } from '../../../platform/kernel/command-key.ts';
import type { IdSource } from '../../../platform/kernel/ids.ts';
import { isManager } from '../../../platform/kernel/operator.ts';
import { isRefusal, toRefusalResponse } from '../../../platform/kernel/refusal.ts';
import { type CreateStoreRequest, type StoreResponse, stored } from '../api.ts';
import { checkDetails } from '../domain/check-details.ts';
import { STORES_MAX } from '../domain/limits.ts';
import type { Store } from '../domain/store.ts';
import { refuse } from '../refusals.ts';
import type { Inserted, StoreStore } from './ports.ts';
import { toStoreResponse } from './responses.ts';

/** Creates a store, OPEN or PENDING. An OWNER creates their own; operators create one for any user. */
export const createStore =
  (store: Pick<StoreStore, 'insert'>, clock: Clock, nextId: IdSource) =>
  async (request: CreateStoreRequest): Promise<StoreResponse> => {
    const { principal, name, category, description, address, location = null, images, openingHours, status } = request;
    if (!principal || !isManager(principal.role)) return toRefusalResponse(refuse('FORBIDDEN'));
    const { ownerId = principal.userId } = request;
    if (principal.role === 'OWNER' && ownerId !== principal.userId) return toRefusalResponse(refuse('FORBIDDEN'));
    if (ownerId <= 0n) return toRefusalResponse(refuse('VALIDATION_FAILED', { ownerId: 'a machine names the owner' }));
    if (status !== 'PENDING' && status !== 'OPEN') {
      return toRefusalResponse(refuse('VALIDATION_FAILED', { status: 'must be PENDING or OPEN' }));
    }
    const details = checkDetails({ name, category, description, address, location, images, openingHours });
    if (isRefusal(details)) return toRefusalResponse(details);
    const now = new Date(clock());
    const created: Store = {
      id: nextId(),
      ownerId,
      details,
      status,
      staff: [],
      imageFiles: [],
      version: 1,
      followers: 0,
      createdAt: now,
      updatedAt: now,
      deletedAt: null,
    };
    return await executeOnce(request.commandKey, CREATING, (idempotency) =>
      store.insert(created, STORES_MAX, idempotency),
    );
  };

const CREATING: Responding<Inserted, StoreResponse> = {
  type: stored.StoreResponse,
  refused: toRefusalResponse,
  respond: (inserted) =>
    inserted === 'too many'
      ? toRefusalResponse(refuse('STORE_LIMIT_EXCEEDED', { limit: String(STORES_MAX) }))
      : toStoreResponse(inserted),
};
