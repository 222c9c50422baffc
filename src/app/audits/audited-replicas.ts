import { setTimeout as sleep } from 'node:timers/promises';
import { firstMessage } from '../../platform/kernel/first-message.ts';
import { openDatabase } from '../../platform/postgres/database.ts';
import type { Settings } from '../config.ts';
import { type Databases, partsByDatabase } from '../databases.ts';
import type { Part } from '../service-variables.ts';
import { wayTo } from '../targets.ts';

const CAUGHT_UP_WITHIN_MS = 5_000;
const AGAIN_MS = 200;

/**
 * Runs `audit` on the read replicas of the databases, each once it has what was committed before, so that the primaries are spared. A
 * database without one that is fresh is audited itself, and so are all when an audit on replicas throws: a replica may cancel a long read.
 */
export async function onReplicas<Result>(
  databases: Databases,
  settings: Pick<Settings, 'services' | 'ways'>,
  audit: (databases: Databases) => Promise<Result>,
  onRepeat: (reason: string) => void,
): Promise<Result> {
  const read = new Map<string, string>();
  for (const [url, parts] of partsByDatabase(databases)) {
    const replicaUrl = parts
      .map((part) => wayTo(part, 'READ_DATABASE_URL', settings))
      .find((each) => each !== undefined);
    if (replicaUrl !== undefined && (await isCaughtUp(url, replicaUrl))) read.set(url, anyServer(replicaUrl));
  }
  if (read.size === 0) return audit(databases);
  const entries = Object.entries(databases).map(([part, url]) => [part, read.get(url) ?? url]);
  try {
    return await audit(Object.fromEntries(entries) as Record<Part, string>);
  } catch (error) {
    onRepeat(firstMessage(error));
    return await audit(databases);
  }
}

/** Returns whether the replica shows within 5 s what the database had committed before. */
export async function isCaughtUp(url: string, replicaUrl: string): Promise<boolean> {
  const { replica, close } = openDatabase({ url, replicaUrl, onError: () => {} });
  try {
    for (const untilMs = performance.now() + CAUGHT_UP_WITHIN_MS; performance.now() < untilMs; await sleep(AGAIN_MS)) {
      if (await replica?.catchesUp()) return true;
    }
    return false;
  } finally {
    await close();
  }
}

/** The URL with `target_session_attrs=any`, which takes a server that only reads. */
function anyServer(url: string): string {
  const separator = url.includes('?') ? '&' : '?';
  return url.includes('target_session_attrs=') ? url : `${url}${separator}target_session_attrs=any`;
}
