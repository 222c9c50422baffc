import type { Clock } from '../../../../platform/kernel/clock.ts';
import { cutPage, readPage } from '../../../../platform/kernel/pages.ts';
import { toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import { managerOf, type StoreChecks } from '../../../store/api.ts';
import type { GetTimeSaleRequest, ListTimeSalesRequest, ListTimeSalesResponse, TimeSaleResponse } from '../../api.ts';
import { isHidden, mayEdit } from '../../domain/catalog/product.ts';
import { TIME_SALE_STATUSES, type TimeSaleStatus } from '../../domain/enumerations.ts';
import { refuse } from '../../refusals.ts';
import type { CatalogReader } from '../catalog/ports.ts';
import { toTimeSaleResponse, toTimeSaleView } from '../catalog/views.ts';

export const getTimeSale =
  (reader: CatalogReader, stores: StoreChecks, clock: Clock) =>
  async ({ timeSaleId, principal }: GetTimeSaleRequest): Promise<TimeSaleResponse> => {
    const listed = await reader.findTimeSale(timeSaleId);
    if (!listed || (isHidden(listed.product) && !mayEdit(await managerOf(stores, principal), listed.product))) {
      return toRefusalResponse(refuse('TIME_SALE_NOT_FOUND'));
    }
    return toTimeSaleResponse(listed, clock());
  };

/**
 * The status depends on the clock. Returns an empty page for an unknown status, or for a cursor that was not issued by this operation.
 */
export const listTimeSales =
  (reader: CatalogReader, clock: Clock) =>
  async ({ page, status, mayLag }: ListTimeSalesRequest): Promise<ListTimeSalesResponse> => {
    const query = readPage(page);
    if (!query || !isWanted(status)) return { timeSales: [], nextCursor: undefined };
    const nowMs = clock();
    const { limit, before } = query;
    const found = await reader.listTimeSales({ now: new Date(nowMs), status, mayLag, before, limit: limit + 1 });
    const { rows, nextCursor } = cutPage(found, limit, ({ timeSale }) => timeSale.id);
    return { timeSales: rows.map((listed) => toTimeSaleView(listed, nowMs)), nextCursor };
  };

const isWanted = (status: string | undefined): status is TimeSaleStatus | undefined =>
  status === undefined || TIME_SALE_STATUSES.some((each) => each === status);
