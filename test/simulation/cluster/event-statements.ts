import { fromMultirange, toMultirange } from '../../../src/platform/postgres/event-ids.ts';
import { ids, type Run, returned, type Session, written } from './session.ts';
import { elements } from './sql.ts';
import type { Row } from './tables.ts';

export function putOutbox({ transaction, nowMs }: Session, [id, , payload, events]: readonly unknown[]): void {
  const row = {
    id: BigInt(id as string),
    xid: transaction.id,
    payload: String(payload),
    events: Number(events),
    createdAtMs: nowMs(),
  };
  transaction.writes.push(({ outbox }) => outbox.set(row.id, row));
}

export const readOutbox = (text: string): Run => {
  const isBounded = text.includes('o.xid < pg_snapshot_xmin(pg_current_snapshot())');
  return ({ server, nowMs }, [xid, id, , limit]) => {
    const horizon = isBounded ? server.horizon() : Number.POSITIVE_INFINITY;
    const rows = [...server.tables.outbox.values()]
      .filter((row) => row.xid < horizon)
      .filter((row) => row.xid > Number(xid) || (row.xid === Number(xid) && row.id > BigInt(id as string)))
      .sort((a, b) => a.xid - b.xid || Number(a.id - b.id))
      .slice(0, Number(limit));
    return returned(
      rows.map(({ createdAtMs, ...row }) => ({
        ...row,
        id: String(row.id),
        xid: String(row.xid),
        created_at: new Date(createdAtMs),
        age_seconds: (nowMs() - createdAtMs) / 1_000,
      })),
    );
  };
};

export const deleteOutbox: Run = ({ transaction }, [given]) => {
  for (const id of ids(given)) transaction.writes.push(({ outbox }) => outbox.delete(id));
  return written(ids(given).length);
};

export const claimEvents: Run = async (session, [consumer, sources, ranges]) => {
  const { server, transaction } = session;
  const rows: Row[] = [];
  for (const [place, source] of elements(sources).entries()) {
    const key = `${consumer} ${source}`;
    await server.lock(transaction, `inbox ${key}`);
    const seen = server.tables.inbox.get(key) ?? new Set();
    const given = fromMultirange(String(elements(ranges)[place]));
    const fresh = given.filter((index) => !seen.has(index));
    if (fresh.length === 0) continue;
    transaction.writes.push(({ inbox }) => inbox.set(key, new Set([...(inbox.get(key) ?? []), ...fresh])));
    rows.push({ source, claimed: toMultirange(fresh) });
  }
  return returned(rows);
};

/** The consumer of the simulation: adds up the events of each coupon. */
export const COUNT_EFFECTS = 'insert into simulation.effects select unnest($1::text[])';
export const countEffects: Run = ({ transaction }, [coupons]) => {
  for (const coupon of elements(coupons)) {
    transaction.writes.push(({ effects }) => effects.set(String(coupon), (effects.get(String(coupon)) ?? 0) + 1));
  }
  return written(elements(coupons).length);
};
