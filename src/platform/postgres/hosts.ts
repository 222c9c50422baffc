import pg from 'pg';
import { firstMessage } from '../kernel/first-message.ts';
import { type DatabaseHost, parseDatabaseUrl } from './database-url.ts';
import { ConnectionLost, NoWritableServer } from './failures.ts';

/** How long one host may take to accept a connection and to report whether it accepts writes. */
export const HOST_MS = 1_500;

/** Which of several servers is wanted: the one that accepts writes, or a standby, else any that responds. */
export type WantedHost = 'PRIMARY' | 'STANDBY';

/** The servers of one DATABASE_URL, of which one accepts writes. */
export interface Hosts {
  /** The URL of the first host: the driver takes the common parameters from it. */
  readonly url: string;
  readonly needsWrites: boolean;
  /**
   * Returns the host to connect to; undefined: the only one, that of `url`. Cached until `forget`.
   * @throws ConnectionLost when no host accepts writes; NoWritableServer when every host reported that
   */
  choose(): Promise<DatabaseHost | undefined>;
  /** A connection to the host failed, broke or was given up, or the host only reads: `choose` probes all hosts again. */
  forget(): void;
  /** The same, and of hosts that are equally fit, `choose` takes this one last. */
  passBy(host: string, port: number): void;
}

export function openHosts(databaseUrl: string, wanted: WantedHost = 'PRIMARY'): Hosts {
  const { hosts: given, ...parsed } = parseDatabaseUrl(databaseUrl);
  let hosts = given;
  const needsWrites = parsed.needsWrites && wanted === 'PRIMARY';
  let chosen: Promise<DatabaseHost> | undefined;
  return {
    url: hosts[0]?.url ?? databaseUrl,
    needsWrites,
    choose() {
      if (hosts.length === 1) return Promise.resolve(undefined);
      if (chosen === undefined) {
        const looking = findHost(hosts, needsWrites, wanted);
        chosen = looking;
        looking.catch(() => {
          if (chosen === looking) chosen = undefined;
        });
      }
      return chosen;
    },
    forget() {
      chosen = undefined;
    },
    passBy(host, port) {
      chosen = undefined;
      const isPassedBy = (each: DatabaseHost): boolean => each.host === host && each.port === port;
      hosts = [...hosts.filter((each) => !isPassedBy(each)), ...hosts.filter(isPassedBy)];
    },
  };
}

// The first 8 digits of a WAL file's name are the timeline, which rises with each promotion.
const PROBE = `
  select current_setting('transaction_read_only') = 'off' as writable,
    case when pg_is_in_recovery() then '' else substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) end as timeline`;

/**
 * Queries all hosts at once. Of several that accept writes it chooses the one that was promoted last: a former primary that returned
 * without becoming a standby must not get the writes.
 */
async function findHost(
  hosts: readonly DatabaseHost[],
  needsWrites: boolean,
  wanted: WantedHost,
): Promise<DatabaseHost> {
  // A standby has no timeline here.
  const isBetter = (one: string, other: string): boolean =>
    wanted === 'STANDBY' ? one === '' && other !== '' : one > other;
  const probes = await Promise.allSettled(hosts.map(probe));
  const reasons: string[] = [];
  let someAreAway = false;
  let best: { readonly host: DatabaseHost; readonly timeline: string } | undefined;
  for (const [index, found] of probes.entries()) {
    const host = hosts[index];
    if (host === undefined) continue;
    if (found.status === 'rejected') {
      someAreAway = true;
      reasons.push(`${host.host}:${host.port}: ${firstMessage(found.reason)}`);
    } else if (needsWrites && !found.value.writable) reasons.push(`${host.host}:${host.port} is read-only`);
    else if (best === undefined || isBetter(found.value.timeline, best.timeline))
      best = { host, timeline: found.value.timeline };
  }
  if (best === undefined) {
    const message = `no host takes writes (${reasons.join('; ')})`;
    throw someAreAway ? new ConnectionLost(message) : new NoWritableServer(message);
  }
  return best.host;
}

async function probe({ url }: DatabaseHost): Promise<{ readonly writable: boolean; readonly timeline: string }> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'stampede-probe',
    connectionTimeoutMillis: HOST_MS,
    query_timeout: HOST_MS,
  });
  client.on('error', () => {}); // the query that it breaks fails, too
  try {
    await client.connect();
    const { rows } = await client.query<{ writable: boolean; timeline: string }>(PROBE);
    const [row] = rows;
    if (row === undefined) throw new Error('no response');
    return row;
  } finally {
    // Not awaited: an unreachable host never confirms the end of a session.
    void client.end().catch(() => undefined);
  }
}
