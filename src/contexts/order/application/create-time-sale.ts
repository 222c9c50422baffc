import { TimeSaleResponse } from '../../../gen/stampede/order/v1/order.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import type { IdSource } from '../../../platform/kernel/ids.ts';
import { refuse } from '../../../platform/kernel/refusal.ts';
import type { CreateTimeSaleRequest } from '../api.ts';
import { carveTimeSale } from '../domain/carve.ts';
import { changeGoods } from './change-goods.ts';
import { refusal, timeSaleAnswer } from './goods-answers.ts';
import type { GoodsStore } from './goods-ports.ts';

/** Sets units of a product aside, to be sold for less within a time. */
export const createTimeSale =
  (store: GoodsStore, clock: Clock, nextId: IdSource) =>
  async (asked: CreateTimeSaleRequest): Promise<TimeSaleResponse> => {
    const { principal, salePrice, quantity, limitPerUser, startsAt, endsAt } = asked;
    if (!principal) return refusal(refuse('FORBIDDEN'));
    const nowMs = clock();
    const terms = {
      salePrice,
      quantity,
      limitPerUser,
      startsAtMs: startsAt?.getTime() ?? Number.NaN,
      endsAtMs: endsAt?.getTime() ?? Number.NaN,
    };
    const made = { id: nextId(), by: principal.userId, nowMs };
    return await changeGoods(store, asked, (product) => carveTimeSale(product, terms, made), {
      type: TimeSaleResponse,
      respond: (carved) => timeSaleAnswer(carved, nowMs),
    });
  };
