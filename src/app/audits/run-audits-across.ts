import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditResult, AuditScope, Snapshot } from '../../platform/context.ts';
import type { KafkaSettings } from '../../platform/events/kafka/settings.ts';
import type { ContextName, Part } from '../parts.ts';
import type { ShardMaps } from '../shards/shard-map.ts';
import { isSharded } from '../variables/shard-variables.ts';
import { AUDITS, type ListedAudit } from './audit-list.ts';
import { type AuditLine, type AuditReport, inSnapshot, msSince, runOne } from './audit-report.ts';
import { auditResult } from './audit-result.ts';
import { type AuditedDatabase, type AuditedDatabases, openAuditedDatabases } from './audited-databases.ts';
import type { Prove } from './audited-replicas.ts';
import {
  type Comparison,
  DIFFERENCES_MAX,
  type Direction,
  type FirstLook,
  lookAgain,
  lookFirst,
  type Sides,
} from './comparison.ts';
import { compareStatistics } from './statistics-audit.ts';

const SETTLE_MS = 60_000;

export interface AuditOptions {
  /** How long both sides of a difference between databases have to stay as they are until it counts. Default: 60 s. */
  readonly settleMs: number;
  /** Called before that wait, with the number of differences. */
  readonly onWait?: (differences: number) => void | Promise<void>;
  /** Keys of a page of a comparison. Default: 5,000. */
  readonly pageKeys?: number;
  /** Where consumers put their dead letters, when they get events from Kafka. Default: there is no Kafka. */
  readonly kafka?: KafkaSettings | undefined;
  /** Of the contexts with several shards, and the databases of all shards but the first. */
  readonly shards?: ShardMaps;
  /** Called with each session before it reads. Rejects when what the session reads may be old. */
  readonly prove?: Prove | undefined;
  readonly shardDatabases?: readonly (readonly [url: string, parts: readonly Part[]])[];
  /** Default: all. */
  readonly audits?: readonly ListedAudit[];
}

/** What a first look found: nothing to wait for, or differences that may come from reading two databases one after the other. */
interface Looked {
  readonly differences: number;
  /** Looks at the differences again. */
  judge(): Promise<AuditResult>;
}

/**
 * Checks every invariant of a live system whose contexts have several databases. The audits of one context, and those of contexts that share a
 * database, read one snapshot of it. Two databases have no common snapshot: what is compared across them is read twice, and counts only
 * when both sides were the same each time. The second look begins after `settleMs`, and only when the first one found differences.
 * @throws StartError when a database is away
 */
export async function runAuditsAcross(
  places: readonly (readonly [url: string, parts: readonly Part[]])[],
  scope: AuditScope,
  options: Partial<AuditOptions>,
): Promise<AuditReport> {
  const startedAt = performance.now();
  const { audits = AUDITS } = options;
  const databases = await openAuditedDatabases(places, options.prove);
  try {
    const withPolicy = await databaseOfPolicy(databases, scope);
    const snapshots = await Promise.all(
      databases.all.map((database) =>
        inSnapshot(database, () => {
          const isAudited = ({ heading }: ListedAudit) =>
            heading !== 'coupon' || withPolicy === undefined || withPolicy === database;
          return auditOne(database, databases, audits.filter(isAudited), scope);
        }),
      ),
    );
    const lines = new Map<ListedAudit, AuditLine>();
    for (const [listed, results] of byAudit(snapshots.map(({ result }) => result)))
      lines.set(listed, addLines(results));

    const looks: { readonly listed: ListedAudit; readonly looked: Looked; readonly tookMs: number }[] = [];
    for (const listed of audits) {
      if (lines.has(listed)) continue;
      const lookedAt = performance.now();
      const looked = await lookAcross(listed, databases, scope, options);
      looks.push({ listed, looked, tookMs: msSince(lookedAt) });
    }
    const differences = looks.reduce((sum, { looked }) => sum + looked.differences, 0);
    if (differences > 0) {
      await options.onWait?.(differences);
      await sleep(options.settleMs ?? SETTLE_MS);
    }
    for (const { listed, looked, tookMs } of looks) {
      const judgedAt = performance.now();
      const result = await looked.judge();
      const line = { context: listed.heading, name: listed.audit.name, ...result, tookMs: tookMs + msSince(judgedAt) };
      lines.set(listed, line);
    }
    const ordered = audits.flatMap((listed) => lines.get(listed) ?? []);
    return {
      ok: ordered.every(({ ok }) => ok),
      at: snapshots[0]?.at ?? '',
      databases: databases.all.length,
      tookMs: msSince(startedAt),
      audits: ordered,
    };
  } finally {
    await databases.close();
  }
}

/** The shard that has the policy of the scope, or shard 0, where the audit says that there is none. Undefined: all of them are audited. */
async function databaseOfPolicy(
  { shardsOf }: AuditedDatabases,
  { policyId }: AuditScope,
): Promise<AuditedDatabase | undefined> {
  if (policyId === undefined) return undefined;
  const shards = shardsOf('coupon');
  for (const shard of shards) {
    const { rowCount } = await shard.query('select from coupon.coupon_policies where id = $1', [policyId]);
    if (rowCount === 1) return shard;
  }
  return shards[0];
}

/** Runs the audits whose tables are all in this database: those of one context, and those of several that have no other database. */
async function auditOne(
  database: AuditedDatabase,
  { shardsOf }: AuditedDatabases,
  audits: readonly ListedAudit[],
  scope: AuditScope,
): Promise<ReadonlyMap<ListedAudit, AuditLine>> {
  const lines = new Map<ListedAudit, AuditLine>();
  for (const listed of audits) {
    const contexts = contextsOf(listed);
    if (!contexts.every((context) => database.contexts.has(context))) continue;
    if (contexts.length > 1 && contexts.some((context) => shardsOf(context).length > 1)) continue;
    lines.set(listed, await runOne(listed.heading, listed.audit, database, scope));
  }
  return lines;
}

function contextsOf(listed: ListedAudit): readonly ContextName[] {
  switch (listed.kind) {
    case 'CONTEXT':
      return [listed.context];
    case 'COMPARISON':
      return [listed.comparison.forward.from, listed.comparison.forward.to];
    case 'STATISTICS':
      return ['statistics', 'coupon'];
    case 'DATABASE':
      return [];
  }
}

function byAudit(
  databases: readonly ReadonlyMap<ListedAudit, AuditLine>[],
): ReadonlyMap<ListedAudit, readonly AuditLine[]> {
  const found = new Map<ListedAudit, AuditLine[]>();
  for (const lines of databases) {
    for (const [listed, line] of lines) found.set(listed, [...(found.get(listed) ?? []), line]);
  }
  return found;
}

/** One line for an audit that several databases have. */
function addLines(lines: readonly AuditLine[]): AuditLine {
  const [first] = lines;
  if (first === undefined || lines.length === 1) return first as AuditLine;
  const figures: Record<string, number> = {};
  for (const line of lines) {
    for (const [name, figure] of Object.entries(line.figures)) figures[name] = (figures[name] ?? 0) + Number(figure);
  }
  const { broken = 0, ...counted } = figures;
  return {
    ...first,
    ...auditResult(
      counted,
      lines.flatMap(({ violations }) => violations),
      broken,
    ),
    tookMs: Math.max(...lines.map(({ tookMs }) => tookMs)),
  };
}

async function lookAcross(
  listed: ListedAudit,
  databases: AuditedDatabases,
  scope: AuditScope,
  options: Partial<AuditOptions>,
): Promise<Looked> {
  switch (listed.kind) {
    case 'COMPARISON':
      return compareAcross(listed.comparison, databases, scope, options);
    case 'STATISTICS':
      return statisticsAcross(databases, scope);
    default:
      throw new Error(`no database has what "${listed.audit.name}" reads`);
  }
}

async function compareAcross(
  { forward, backward, figures, hasPolicies }: Comparison,
  databases: AuditedDatabases,
  scope: AuditScope,
  { pageKeys, shards = {} }: Partial<AuditOptions>,
): Promise<Looked> {
  const looks: { readonly direction: Direction; readonly sides: Sides; readonly first: FirstLook }[] = [];
  if (hasPolicies || scope.policyId === undefined) {
    for (const direction of [forward, backward]) {
      for (const sides of sidesOf(databases, direction, shards))
        looks.push({ direction, sides, first: await lookFirst(sides, direction, scope, pageKeys) });
    }
  }
  const total = (count: (first: FirstLook) => number) => looks.reduce((sum, { first }) => sum + count(first), 0);
  const [counted, summed] = figures;
  return {
    differences: total(({ differences }) => differences.length),
    async judge() {
      const violations: string[] = [];
      let changing = 0;
      for (const { direction, sides, first } of looks) {
        const second = await lookAgain(sides, direction, scope, first.differences);
        changing += second.changing;
        violations.push(...second.confirmed.map(({ violation }) => violation));
        if (!first.isComplete) {
          violations.push(`there are more than ${DIFFERENCES_MAX} differences at once, and the rest was not compared`);
        }
      }
      return auditResult(
        {
          [counted]: total((first) => first.counted),
          [summed]: total((first) => first.summed),
          ...(changing === 0 ? {} : { changing }),
        },
        violations,
      );
    },
  };
}

/** Each shard of the one context with each of the other one. A row is judged in the shard that it names. */
function sidesOf(
  { shardsOf }: AuditedDatabases,
  { from, to, shardedBy }: Direction,
  maps: ShardMaps,
): readonly Sides[] {
  const [sources, judges] = [shardsOf(from), shardsOf(to)];
  const map = isSharded(to) ? maps[to] : undefined;
  return sources.flatMap((source) =>
    judges.map((judge, shard) => {
      if (judges.length === 1) return { from: source, to: judge };
      if (map === undefined || shardedBy === undefined)
        throw new Error(`nothing says which shard of ${to} judges a row`);
      const { column, by } = shardedBy;
      return {
        from: source,
        to: judge,
        owned: `${by === 'ID' ? map.sqlOfId(column) : map.sqlOfUser(column)} = ${shard}`,
      };
    }),
  );
}

async function statisticsAcross({ shardsOf }: AuditedDatabases, scope: AuditScope): Promise<Looked> {
  const [statistics] = shardsOf('statistics');
  const coupons = shardsOf('coupon');
  if (statistics === undefined) throw new Error('no database has the tables of statistics');
  // The snapshot of statistics first: what they count was committed before those of the coupons.
  const inAll = <Result>([database, ...others]: readonly Snapshot[], work: () => Promise<Result>): Promise<Result> =>
    database === undefined ? work() : inSnapshot(database, () => inAll(others, work)).then(({ result }) => result);
  const look = () => inAll([statistics, ...coupons], () => compareStatistics(statistics, coupons, scope));
  const first = await look();
  const seenFirst = new Map(first.differences.map(({ name, seen }) => [name, seen]));
  return {
    differences: first.differences.length,
    async judge() {
      if (first.differences.length === 0) return auditResult(first.figures, []);
      const second = await look();
      const wrong = second.differences.filter(({ name, seen }) => seenFirst.get(name) === seen);
      return auditResult(
        second.figures,
        wrong.map(({ violation }) => violation),
      );
    },
  };
}
