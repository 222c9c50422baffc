import type { IdSource } from '../../../../platform/kernel/ids.ts';
import { isRefusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { type CreateTimeSaleRequest, stored, type TimeSaleResponse } from '../../api.ts';
import { allocateTimeSaleStock } from '../../domain/time-sale/allocate-stock.ts';
import { refuse } from '../../refusals.ts';
import { type CatalogChanges, changeUnderProductLock } from '../catalog/change-product.ts';
import { toTimeSaleResponse } from '../catalog/views.ts';

/** Moves units of a product to a new time sale. */
export const createTimeSale =
  (changes: CatalogChanges, nextId: IdSource) =>
  async (request: CreateTimeSaleRequest): Promise<TimeSaleResponse> => {
    const { principal, salePrice, quantity, limitPerUser, startsAt, endsAt } = request;
    if (!principal) return toRefusalResponse(refuse('FORBIDDEN'));
    const terms = {
      salePrice,
      quantity,
      limitPerUser,
      startsAtMs: startsAt?.getTime() ?? Number.NaN,
      endsAtMs: endsAt?.getTime() ?? Number.NaN,
    };
    const creation = { id: nextId(), by: principal.userId };
    return await changeUnderProductLock(
      changes,
      request,
      (product, nowMs) => {
        const allocation = allocateTimeSaleStock(product, terms, { ...creation, nowMs });
        return isRefusal(allocation) ? allocation : { ...allocation, nowMs };
      },
      {
        type: stored.TimeSaleResponse,
        respond: (created) => toTimeSaleResponse(created, created.nowMs),
      },
    );
  };
