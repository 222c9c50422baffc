import { firstMessage } from '../../platform/kernel/first-message.ts';
import type { Reader } from '../../platform/postgres/reader.ts';
import { showsAll } from '../../platform/postgres/replica.ts';
import { openSession } from '../../platform/postgres/session.ts';
import type { Settings } from '../config.ts';
import { type Databases, partsByDatabase } from '../databases.ts';
import type { Part } from '../parts.ts';
import { wayTo } from '../target-settings.ts';

const CAUGHT_UP_WITHIN_MS = 5_000;

/** Rejects when `session`, which was opened with `url`, lacks something that was committed before. */
export type Prove = (url: string, session: Reader) => Promise<void>;

/**
 * Runs `audit` on the read replicas of the databases, so that the primaries are spared. The audit calls `prove` on each session that it reads,
 * because another session of the same URL may lead to another server. The databases themselves are audited when that fails, as when
 * the audit does: a replica may cancel a long read.
 */
export async function onReplicas<Result>(
  databases: Databases,
  settings: Pick<Settings, 'services' | 'ways'>,
  audit: (databases: Databases, prove?: Prove) => Promise<Result>,
  onRepeat: (reason: string) => void,
): Promise<Result> {
  const read = new Map<string, string>();
  const primaryOf = new Map<string, string>();
  for (const [url, parts] of partsByDatabase(databases)) {
    const replicaUrl = parts
      .map((part) => wayTo(part, 'READ_DATABASE_URL', settings))
      .find((each) => each !== undefined);
    if (replicaUrl === undefined) continue;
    read.set(url, anyServer(replicaUrl));
    primaryOf.set(anyServer(replicaUrl), url);
  }
  if (read.size === 0) return audit(databases);
  const entries = Object.entries(databases).map(([part, url]) => [part, read.get(url) ?? url]);
  try {
    return await audit(Object.fromEntries(entries) as Record<Part, string>, async (url, session) => {
      const primaryUrl = primaryOf.get(url);
      if (primaryUrl === undefined || (await showsAllOf(primaryUrl, session))) return;
      throw new Error('it is too far behind');
    });
  } catch (error) {
    onRepeat(firstMessage(error));
    return await audit(databases);
  }
}

/** CAUGHT_UP: it shows within 5 s what the database had committed before. PRIMARY: it is no replica, but accepts writes. */
export async function replicaState(url: string, replicaUrl: string): Promise<'CAUGHT_UP' | 'PRIMARY' | 'AWAY'> {
  try {
    const session = await openSession(anyServer(replicaUrl), { name: 'stampede-read' });
    try {
      if (!(await showsAllOf(url, session))) return 'AWAY';
      const { rows } = await session.query<{ replica: boolean }>('select pg_is_in_recovery() as replica');
      return rows[0]?.replica === true ? 'CAUGHT_UP' : 'PRIMARY';
    } finally {
      await session.end();
    }
  } catch {
    return 'AWAY'; // one of them
  }
}

async function showsAllOf(url: string, session: Reader): Promise<boolean> {
  const primary = await openSession(url, { name: 'stampede-read', statementMs: CAUGHT_UP_WITHIN_MS });
  try {
    return await showsAll(primary, session, CAUGHT_UP_WITHIN_MS);
  } finally {
    await primary.end();
  }
}

/** The URL with `target_session_attrs=any`, which takes a server that only reads. */
function anyServer(url: string): string {
  const separator = url.includes('?') ? '&' : '?';
  return url.includes('target_session_attrs=') ? url : `${url}${separator}target_session_attrs=any`;
}
