import type { Audit, AuditScope, Snapshot } from '../../platform/context.ts';
import { sqlAudit } from '../../platform/postgres/sql-audit.ts';
import { readSql, type SqlFile } from '../../platform/postgres/sql-file.ts';
import type { ContextName } from '../parts.ts';

/** Keys that one page covers, at most. Its rows are about 1 MB. */
export const PAGE_KEYS = 5_000;
/** Differences that a first look collects, at most. With more of them it ends. */
export const DIFFERENCES_MAX = 10_000;
/** Differences that are looked at again in one statement. */
const AGAIN_KEYS = 500;

/**
 * One direction of a comparison: rows of one context, judged where the other context has its tables. Both statements are the same in one
 * database and across databases; what differs is where `${rows}` comes from: the other statement, or a page of its rows as JSON.
 */
export interface Direction {
  readonly from: ContextName;
  readonly to: ContextName;
  /** Selects the rows, each with its `key`, a number by which they are paged. `${chosen}` is the condition on the key. */
  readonly rows: string;
  /** The rows' columns with their types, in the form of a column definition list. */
  readonly columns: string;
  /** Returns the next $2 keys from $1 on, in their order. */
  readonly keys: string;
  /**
   * Returns a row for each of the rows, or for those that are wrong: key, name, counted (boolean), amount, violation (null where both
   * sides agree) and seen (both sides as text). $1 is the coupon policy, or null for all.
   */
  readonly judge: string;
  /** The column that says which shard of `to` judges a row, where that has several: an id that one of them made, or the user. Absent: `to` has no shards. */
  readonly shardedBy?: { readonly column: string; readonly by: 'ID' | 'USER' };
}

/** An invariant over the tables of two contexts. */
export interface Comparison {
  readonly name: string;
  /** The rows of one context that need something of the other one. */
  readonly forward: Direction;
  /** What the other context has for rows that do not exist. */
  readonly backward: Direction;
  /** What the figures are called: how many rows of `forward`, and the sum of their amounts. */
  readonly figures: readonly [counted: string, summed: string];
  /** False: the audit of one policy has nothing to compare. */
  readonly hasPolicies: boolean;
}

/** Both sides of a violation. */
export interface Difference {
  readonly key: string;
  readonly name: string;
  readonly violation: string;
  /** Changes when one of the sides does. */
  readonly seen: string;
}

/** The databases of the two contexts of a direction. Reads the newest committed rows. */
export interface Sides {
  readonly from: Snapshot;
  readonly to: Snapshot;
  /** A condition on the rows that `to` judges. Default: all of them. */
  readonly owned?: string;
}

/** The comparison in one snapshot of one database, as one statement. */
export const inOneDatabase = ({ name, forward, backward, figures: [counted, summed] }: Comparison): Audit =>
  sqlAudit(name, {
    path: 'app/audits/comparison.sql',
    values: { counted, summed, forward: joined(forward), backward: joined(backward) },
  });

const joined = ({ rows, judge }: Direction): SqlFile => ({
  path: judge,
  values: { rows: { path: rows, values: { chosen: 'is not null' } } },
});

export interface FirstLook {
  readonly counted: number;
  readonly summed: number;
  readonly differences: readonly Difference[];
  /** False: there were more than DIFFERENCES_MAX differences, and the rest of the rows was not compared. */
  readonly isComplete: boolean;
}

/** Compares all rows of a direction, page by page. Its two sides are read one after the other, so a difference may be none. */
export async function lookFirst(
  sides: Sides,
  direction: Direction,
  scope: AuditScope,
  pageKeys = PAGE_KEYS,
): Promise<FirstLook> {
  const differences: Difference[] = [];
  let counted = 0;
  let summed = 0;
  const pages = await pagesOf(sides, direction, scope, { chosen: 'between $1 and $2' });
  for (let from = 0n; ; ) {
    const last = await lastKey(sides.from, direction, from, pageKeys);
    if (last === undefined) return { counted, summed, differences, isComplete: true };
    const page = await pages([from, last]);
    counted += page.counted;
    summed += page.summed;
    differences.push(...page.differences);
    if (differences.length > DIFFERENCES_MAX) {
      return { counted, summed, differences: differences.slice(0, DIFFERENCES_MAX), isComplete: false };
    }
    from = last + 1n;
  }
}

export interface SecondLook {
  /** Both sides are as they were at the first look, so the difference is one. */
  readonly confirmed: readonly Difference[];
  /** There is a difference, and one of its sides has changed since the first look. */
  readonly changing: number;
}

/** Looks at differences again. Those that are gone are forgotten. */
export async function lookAgain(
  sides: Sides,
  direction: Direction,
  scope: AuditScope,
  differences: readonly Difference[],
): Promise<SecondLook> {
  // Users may name their points alike, so a name is unique only with its key.
  const idOf = ({ key, name }: Difference): string => `${key} ${name}`;
  const before = new Map(differences.map((difference) => [idOf(difference), difference.seen]));
  const keys = [...new Set(differences.map(({ key }) => key))];
  const confirmed: Difference[] = [];
  let changing = 0;
  const pages = await pagesOf(sides, direction, scope, { chosen: '= any($1)' });
  for (let at = 0; at < keys.length; at += AGAIN_KEYS) {
    const now = await pages([keys.slice(at, at + AGAIN_KEYS)]);
    for (const difference of now.differences) {
      const seen = before.get(idOf(difference));
      if (seen === difference.seen) confirmed.push(difference);
      else changing += 1;
    }
  }
  return { confirmed, changing };
}

interface Verdict {
  readonly counted: number;
  readonly summed: number;
  readonly differences: readonly Difference[];
}

/** Returns a function that reads the rows of a page in one database, and judges them in the other one. Their text is not parsed between. */
async function pagesOf(
  { from, to, owned = 'true' }: Sides,
  { rows, columns, judge }: Direction,
  { policyId }: AuditScope,
  { chosen }: { readonly chosen: string },
): Promise<(choice: readonly unknown[]) => Promise<Verdict>> {
  const read = await readSql({
    path: 'app/audits/page-rows.sql',
    values: { rows: { path: rows, values: { chosen } }, owned },
  });
  const given = `select * from json_to_recordset($2::json) as page(${columns})`;
  const verdict = await readSql({
    path: 'app/audits/page-verdict.sql',
    values: { judged: { path: judge, values: { rows: given } } },
  });
  return async (choice) => {
    const page = await from.query<{ rows: string }>(read, [...choice]);
    const found = await to.query<Verdict>(verdict, [policyId ?? null, page.rows[0]?.rows ?? '[]']);
    const [row] = found.rows;
    if (row === undefined) throw new Error(`${judge} returned no row`);
    return row;
  };
}

/** Returns the last key of the page that begins at `from`; undefined: there is none. */
async function lastKey(
  database: Snapshot,
  { keys }: Direction,
  from: bigint,
  pageKeys: number,
): Promise<bigint | undefined> {
  const { rows } = await database.query<{ last: string | null }>(
    `select max(key)::text as last from (${keys}) as page(key)`,
    [from, pageKeys],
  );
  const last = rows[0]?.last ?? null;
  return last === null ? undefined : BigInt(last);
}
