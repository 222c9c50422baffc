import type { Clock } from '../../../../platform/kernel/clock.ts';
import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { type CreateTimeSaleRequest, stored, type TimeSaleResponse } from '../../api.ts';
import { allocateTimeSaleStock } from '../../domain/time-sale/allocate-stock.ts';
import { refuse } from '../../refusals.ts';
import { type CatalogChanges, changeUnderProductLock } from '../catalog/change-product.ts';
import { toTimeSaleResponse } from '../catalog/views.ts';

/** Moves units of a product to a new time sale. */
export const createTimeSale =
  (changes: CatalogChanges, clock: Clock, nextId: IdSource) =>
  async (request: CreateTimeSaleRequest): Promise<TimeSaleResponse> => {
    const { principal, salePrice, quantity, limitPerUser, startsAt, endsAt } = request;
    if (!principal) return toRefusalResponse(refuse('FORBIDDEN'));
    const nowMs = clock();
    const terms = {
      salePrice,
      quantity,
      limitPerUser,
      startsAtMs: startsAt?.getTime() ?? Number.NaN,
      endsAtMs: endsAt?.getTime() ?? Number.NaN,
    };
    const creation = { id: nextId(), by: principal.userId, nowMs };
    return await changeUnderProductLock(
      changes,
      request,
      (product) => allocateTimeSaleStock(product, terms, creation),
      {
        type: stored.TimeSaleResponse,
        respond: (allocation) => toTimeSaleResponse(allocation, nowMs),
      },
    );
  };
