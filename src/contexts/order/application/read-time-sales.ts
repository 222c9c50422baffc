import type { Clock } from '../../../platform/kernel/clock.ts';
import { cutPage, readPage } from '../../../platform/kernel/pages.ts';
import { refuse } from '../../../platform/kernel/refusal.ts';
import type { GetTimeSaleRequest, ListTimeSalesRequest, ListTimeSalesResponse, TimeSaleResponse } from '../api.ts';
import { mayEdit } from '../domain/product.ts';
import { refusal, shownTimeSale, timeSaleAnswer } from './goods-answers.ts';
import type { GoodsReader } from './goods-ports.ts';

export const getTimeSale =
  (reader: GoodsReader, clock: Clock) =>
  async ({ timeSaleId, principal }: GetTimeSaleRequest): Promise<TimeSaleResponse> => {
    const offer = await reader.findTimeSale(timeSaleId);
    if (!offer || (offer.product.hidden && !mayEdit(principal, offer.product))) {
      return refusal(refuse('TIME_SALE_NOT_FOUND'));
    }
    return timeSaleAnswer(offer, clock());
  };

/** Statuses are by the clock. A cursor that is not ours, or a status that there is not, gives an empty page. */
export const listTimeSales =
  (reader: GoodsReader, clock: Clock) =>
  async ({ page, status }: ListTimeSalesRequest): Promise<ListTimeSalesResponse> => {
    const wanted = readPage(page);
    if (!wanted) return { timeSales: [], nextCursor: undefined };
    const nowMs = clock();
    const { limit, before } = wanted;
    const found = await reader.listTimeSales({ now: new Date(nowMs), status, before, limit: limit + 1 });
    const { rows, nextCursor } = cutPage(found, limit, ({ timeSale }) => timeSale.id);
    return { timeSales: rows.map((offer) => shownTimeSale(offer, nowMs)), nextCursor };
  };
