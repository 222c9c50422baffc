import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { ACCOUNT, installedPostgres, urlOf } from '../support/installed-postgres.ts';
import { type NetworkNamespace, openNamespace } from '../support/network-namespace.ts';
import { execute } from '../support/postgres-admin.ts';
import { openStand, type Stand } from './stand.ts';

const DATABASE = 'stampede';

/** Two servers here, and their PostgreSQL in a network namespace of its own. */
export async function openSeparatedStand(): Promise<[NetworkNamespace, Stand]> {
  const network = openNamespace();
  const { dir, program, start } = await installedPostgres();
  let stopServer = async () => {};
  const stop = async () => {
    await stopServer();
    network.remove();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await program('initdb', '-D', join(dir, 'separated'), '-U', ACCOUNT, '-A', 'trust', '-E', 'UTF8', '--no-sync');
    appendFileSync(join(dir, 'separated/pg_hba.conf'), `host all all ${network.peer}/32 trust\n`);
    const port = await freePort();
    const { pid, kill } = await start('separated', { port, host: network.address, prefix: network.prefix });
    stopServer = kill;
    await execute(urlOf(port, 'postgres', network.address), `create database ${DATABASE}`);
    const postgres = { url: urlOf(port, DATABASE, network.address), pid: () => pid, stop };
    return [network, await openStand([{}, {}], postgres)];
  } catch (error) {
    await stop();
    throw error;
  }
}

/** All packets between the servers and PostgreSQL are lost for so long. */
export async function partition(network: NetworkNamespace, ms: number): Promise<void> {
  network.dropPackets();
  await sleep(ms);
  network.passPackets();
}

/** Packets are lost in bursts: TCP sends them again, later and later. */
export async function lossyNetwork(network: NetworkNamespace, bursts: number): Promise<void> {
  for (let burst = 0; burst < bursts; burst++) {
    await partition(network, 300);
    await sleep(200);
  }
}
