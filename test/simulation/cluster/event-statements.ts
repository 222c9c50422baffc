import { fromMultirange, toMultirange } from '../../../src/platform/postgres/event-ids.ts';
import { ids, type Run, returned, type Session, written } from './session.ts';
import { elements } from './sql.ts';
import type { Row } from './tables.ts';

export function putOutbox({ server, transaction, nowMs }: Session, [id, , payload, events]: readonly unknown[]): void {
  const row = {
    id: BigInt(id as string),
    xid: Math.max(server.idOf(transaction), server.lastEnded()),
    place: server.nextPlace(),
    payload: String(payload),
    events: Number(events),
    createdAtMs: nowMs(),
  };
  transaction.writes.push(({ outbox, commits }) => {
    outbox.set(row.id, row);
    commits.set(row.id, commits.size);
  });
}

export const readOutbox = (text: string): Run => {
  const isBounded = text.includes('o.xid < pg_snapshot_xmin(pg_current_snapshot())');
  const follows = text.includes('(o.xid, o.place) > ($1::xid8, $2::bigint)');
  const byXid = text.includes('order by o.xid, o.place');
  return ({ server, nowMs }, [xid, place, , limit]) => {
    const horizon = isBounded ? server.horizon() : Number.POSITIVE_INFINITY;
    const rows = [...server.tables.outbox.values()]
      .filter((row) => row.xid < horizon && (!follows || (row.xid - Number(xid) || row.place - Number(place)) > 0))
      .sort((a, b) => (byXid && a.xid - b.xid) || a.place - b.place)
      .slice(0, Number(limit));
    return returned(
      rows.map(({ createdAtMs, ...row }) => ({
        ...row,
        id: String(row.id),
        xid: String(row.xid),
        place: String(row.place),
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
