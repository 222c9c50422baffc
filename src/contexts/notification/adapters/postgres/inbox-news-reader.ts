import type pg from 'pg';
import type { Language } from '../../../../platform/kernel/language.ts';
import type { InboxNews, InboxNewsReader } from '../../application/ports.ts';
import type { Kind } from '../../domain/kinds.ts';
import type { NoticeData } from '../../domain/notice.ts';

/**
 * One statement, so that the count of unread notices is the one beside the notices. The notices of each inbox are found by their primary key, and only
 * where there are new ones: a user who has none costs one look-up.
 */
const READ = {
  name: 'notice-news',
  text: `
    select p.place::int, i.last_number as "lastNumber", i.read_up_to as "readUpTo", i.unread, s.language, s.timezone,
           n.id, n.number, n.kind, n.subject, n.data, n.created_at as "createdAt", n.read_at as "readAt"
    from unnest($1::bigint[], $2::bigint[]) with ordinality as p(user_id, number, place)
    join notification.inboxes as i on i.user_id = p.user_id
    left join notification.settings as s on s.user_id = p.user_id
    left join lateral (
      select id, number, kind, subject, data, created_at, read_at from notification.notices
      where user_id = p.user_id and number > p.number order by number limit $3
    ) as n on i.last_number > p.number
    order by p.place, n.number`,
};

interface Row {
  readonly place: number;
  readonly lastNumber: bigint;
  readonly readUpTo: bigint;
  readonly unread: number;
  readonly language: Language | null;
  readonly timezone: string | null;
  /** Null, as all that follow: there is no new notice. */
  readonly id: bigint | null;
  readonly number: bigint;
  readonly kind: Kind;
  readonly subject: string;
  readonly data: NoticeData;
  readonly createdAt: Date;
  readonly readAt: Date | null;
}

/** Reads what is new in many inboxes at once. */
export const inboxNewsReader = (pool: pg.Pool): InboxNewsReader => ({
  async readNews(positions, limit) {
    const { rows } = await pool.query<Row>({
      ...READ,
      values: [positions.map(({ userId }) => userId), positions.map(({ number }) => number ?? null), limit],
    });
    const found = Map.groupBy(rows, ({ place }) => place);
    return positions.map((_, index) => toNews(found.get(index + 1) ?? []));
  },
});

/** A user without notices has an empty inbox. */
function toNews(rows: readonly Row[]): InboxNews {
  const [first] = rows;
  if (first === undefined) return EMPTY;
  const { lastNumber, readUpTo, unread, language, timezone } = first;
  const notices = rows.flatMap(({ id, number, kind, subject, data, createdAt, readAt }) =>
    id === null ? [] : [{ id, number, kind, subject, data, createdAt, isRead: readAt !== null || number <= readUpTo }],
  );
  return { lastNumber, head: { readUpTo, unread, language, timezone }, notices };
}

const EMPTY: InboxNews = {
  lastNumber: 0n,
  head: { readUpTo: 0n, unread: 0, language: null, timezone: null },
  notices: [],
};
