import { isRefusal } from '../../../../platform/kernel/refusal.ts';
import type { ChangeTimeSaleRequest, StopTimeSaleRequest } from '../../api.ts';
import { stored, type TimeSaleResponse } from '../../api.ts';
import { changeTimeSale, stopTimeSale } from '../../domain/time-sale/change-time-sale.ts';
import { type CatalogChanges, changeUnderSaleLock } from '../catalog/change-product.ts';
import type { TimeSaleChange } from '../catalog/ports.ts';
import { toTimeSaleResponse } from '../catalog/views.ts';
import { timeSaleEvent } from './time-sale-events.ts';

const RESPONDING = {
  type: stored.TimeSaleResponse,
  respond: (changed: TimeSaleChange): TimeSaleResponse => toTimeSaleResponse(changed, changed.nowMs),
};

/** Changes quantity, limit, end and, before its start, the price of a time sale. */
export const changeTimeSaleTerms =
  (changes: CatalogChanges) =>
  async (request: ChangeTimeSaleRequest): Promise<TimeSaleResponse> => {
    const { salePrice, quantity, limitPerUser, endsAt } = request;
    const edit = { salePrice, quantity, limitPerUser, endsAtMs: endsAt?.getTime() };
    return await changeUnderSaleLock(
      changes,
      request,
      (product, sale, nowMs) => {
        const changed = changeTimeSale(product, sale, edit, nowMs);
        if (isRefusal(changed)) return changed;
        const isSoldOut = sale.stock > 0 && changed.timeSale.stock === 0;
        const events = isSoldOut ? [timeSaleEvent('timesale.sold_out', changed.timeSale, nowMs)] : [];
        return { ...changed, events, nowMs };
      },
      RESPONDING,
    );
  };

/** Ends a time sale now, and publishes its end. */
export const stopTimeSaleEarly =
  (changes: CatalogChanges) =>
  async (request: StopTimeSaleRequest): Promise<TimeSaleResponse> => {
    return await changeUnderSaleLock(
      changes,
      request,
      (product, sale, nowMs) => {
        const stopped = stopTimeSale(product, sale, nowMs);
        const events = stopped.timeSale === sale ? [] : [timeSaleEvent('timesale.ended', stopped.timeSale, nowMs)];
        return { ...stopped, events, nowMs };
      },
      RESPONDING,
    );
  };
