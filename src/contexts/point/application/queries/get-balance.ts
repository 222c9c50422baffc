import type { Clock } from '../../../../platform/kernel/clock.ts';
import { DAY_MS } from '../../../../platform/kernel/durations.ts';
import type { GetBalanceRequest, GetBalanceResponse } from '../../api.ts';
import type { LedgerReader } from '../ports.ts';

const SOON_MS = 30 * DAY_MS;
const EXPIRING_MAX = 10;

/** A user's balance, read from PostgreSQL each time, so that a read after a write includes the write. */
export const getBalance =
  (reader: Pick<LedgerReader, 'balance'>, clock: Clock) =>
  async ({ userId }: GetBalanceRequest): Promise<GetBalanceResponse> => {
    const nowMs = clock();
    return reader.balance({ userId, nowMs, soonMs: nowMs + SOON_MS, expiringMax: EXPIRING_MAX });
  };
