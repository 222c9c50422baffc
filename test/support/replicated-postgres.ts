import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { ACCOUNT, installedPostgres, type PostgresServer, urlOf } from './installed-postgres.ts';
import { execute } from './postgres-admin.ts';

const DATABASE = 'stampede';
const WAIT_MS = 30_000;

export interface ReplicatedOptions {
  /** False: the primary does not wait for the standby, which is a read replica. Default true: what is acknowledged is on both. */
  readonly synchronous?: boolean;
}

/** A primary with a standby. */
export interface ReplicatedPostgres {
  /** Names both hosts. */
  readonly url: string;
  readonly primaryUrl: string;
  readonly standbyUrl: string;
  /** Stops all processes of the standby (SIGSTOP), and lets them go on. */
  freezeStandby(): void;
  thawStandby(): void;
  /** Stops the standby from applying what it receives, and lets it go on. */
  pauseReplay(): Promise<void>;
  resumeReplay(): Promise<void>;
  /** Kills every process of the primary, and its files are removed. */
  destroyPrimary(): Promise<void>;
  /** Makes the standby the primary. It has no standby then. */
  promote(): Promise<void>;
  /** Of the standby, which survives. */
  pid(): number;
  stop(): Promise<void>;
}

export async function replicatedPostgres({ synchronous = true }: ReplicatedOptions = {}): Promise<ReplicatedPostgres> {
  const { dir, program, start: startServer } = await installedPostgres();
  const [primaryPort, standbyPort] = [await freePort(), await freePort()];
  const servers: PostgresServer[] = [];
  const start = async (name: string, port: number) => {
    const server = await startServer(name, { port });
    servers.push(server);
    return server;
  };
  const stop = async () => {
    for (const server of servers) await server.kill();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await program('initdb', '-D', join(dir, 'primary'), '-U', ACCOUNT, '-A', 'trust', '-E', 'UTF8', '--no-sync');
    const primary = await start('primary', primaryPort);
    await execute(urlOf(primaryPort, 'postgres'), `create database ${DATABASE}`);
    const source = `host=127.0.0.1 port=${primaryPort} user=${ACCOUNT}`;
    await program('pg_basebackup', '-D', join(dir, 'standby'), '-d', source, '-R', '-c', 'fast', '--no-sync');
    const standby = await start('standby', standbyPort);
    const primaryUrl = urlOf(primaryPort, DATABASE);
    if (synchronous) {
      await execute(primaryUrl, `alter system set synchronous_standby_names = '*'`);
      await execute(primaryUrl, 'select pg_reload_conf()');
      await untilSynchronous(primaryUrl);
    }
    return {
      url: `postgres://${ACCOUNT}@127.0.0.1:${primaryPort},127.0.0.1:${standbyPort}/${DATABASE}`,
      primaryUrl,
      standbyUrl: urlOf(standbyPort, DATABASE),
      freezeStandby: () => standby.signal('SIGSTOP'),
      thawStandby: () => standby.signal('SIGCONT'),
      pauseReplay: () => execute(urlOf(standbyPort, DATABASE), 'select pg_wal_replay_pause()'),
      resumeReplay: () => execute(urlOf(standbyPort, DATABASE), 'select pg_wal_replay_resume()'),
      async destroyPrimary() {
        await primary.kill();
        rmSync(join(dir, 'primary'), { recursive: true, force: true });
      },
      promote: () => execute(urlOf(standbyPort, DATABASE), 'select pg_promote(true, 30)'),
      pid: () => standby.pid,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function untilSynchronous(url: string): Promise<void> {
  const check = `do $$ begin
    if not exists (select from pg_stat_replication where sync_state = 'sync') then raise 'no synchronous standby'; end if;
  end $$`;
  for (let waitedMs = 0; ; waitedMs += 50) {
    try {
      return await execute(url, check);
    } catch (error) {
      if (waitedMs > WAIT_MS) throw error;
      await sleep(50);
    }
  }
}
