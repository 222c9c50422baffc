import type { Database } from '../../../../../platform/postgres/database.ts';
import { inTransaction } from '../../../../../platform/postgres/transaction.ts';
import type { HeldName, Holder, NameClaims } from '../../../application/directory/ports.ts';
import { orderName, reservationName } from '../../../domain/shards/claimed-names.ts';

// An order may have several holders in one shard, so no unique index decides.
const LOCK = `
  select pg_advisory_xact_lock(key) from (
    select hashtextextended('coupon.name:' || name, 0) as key from unnest($1::text[]) as name order by 1) as keys`;

// What shard 0 reserved when it was the only database was never claimed. A late payment reserves an EXPIRED one again, so it holds its order.
const HELD = `
  select name, holder, shard from coupon.coupon_name_claims where name = any($1::text[]) and shard <> $2
  union
  select $4, id, 0 from coupon.coupon_reservations where id = $3 and $2 <> 0
  union
  select $7, id, 0 from coupon.coupon_reservations
  where user_id = $5 and order_id = $6 and status <> 'CANCELLED' and $2 <> 0`;

const CLAIM = `
  insert into coupon.coupon_name_claims as claims (name, holder, shard, tries) select name, $2, $3, 1 from unnest($1::text[]) as name
  on conflict (name, holder) do update set tries = claims.tries + 1`;

// The try that had no response keeps its claim.
const RELEASE = 'update coupon.coupon_name_claims set tries = tries - 1 where name = any($1::text[]) and holder = $2';
const FORGET = 'delete from coupon.coupon_name_claims where name = any($1::text[]) and holder = $2 and tries <= $3';

const SHARDS = 'select holder, shard from coupon.coupon_name_claims where name = any($1::text[])';

const EVERY_TRY = 2 ** 31 - 1;

export const postgresNameClaims = ({ pool }: Pick<Database, 'pool'>): NameClaims => ({
  claim: (holder, shard) =>
    inTransaction(pool, async (client) => {
      const { id, userId, orderId } = holder;
      const names = namesOf(holder);
      await client.query(LOCK, [names]);
      const order = orderId === undefined ? null : orderName(userId, orderId);
      const values = [names, shard, id, reservationName(id), userId, orderId ?? null, order];
      const { rows } = await client.query<HeldName>(HELD, values);
      if (rows.length === 0) await client.query(CLAIM, [names, id, shard]);
      return rows;
    }),
  release: (holder) =>
    inTransaction(pool, async (client) => {
      const names = namesOf(holder);
      await client.query(LOCK, [names]);
      await client.query(RELEASE, [names, holder.id]);
      await client.query(FORGET, [names, holder.id, 0]);
    }),
  async freeOrder({ id, userId, orderId }) {
    if (orderId !== undefined) await pool.query(FORGET, [[orderName(userId, orderId)], id, EVERY_TRY]);
  },
  async shardsOf(ids) {
    const { rows } = await pool.query<{ holder: string; shard: number }>(SHARDS, [ids.map(reservationName)]);
    return new Map(rows.map(({ holder, shard }) => [holder, shard]));
  },
});

const namesOf = ({ id, userId, orderId }: Holder): readonly string[] => [
  reservationName(id),
  ...(orderId === undefined ? [] : [orderName(userId, orderId)]),
];
