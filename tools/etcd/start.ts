import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { findProgram, type ServerProcess, startServerProcess } from '../server-process.ts';

const READY_MS = 30_000;

/** There is no etcd here. The message says how to get it. */
export class NoEtcd extends Error {
  override readonly name = 'NoEtcd';
}

/** @throws NoEtcd when there is none on the PATH */
export async function findEtcd(): Promise<string> {
  const found = await findProgram('etcd');
  if (found !== undefined) return found;
  throw new NoEtcd('put etcd on the PATH (Debian: apt-get install etcd-server)');
}

/** Paths of PEM files with which the server encrypts, and the authority that clients need. */
export interface EtcdTls {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

export interface EtcdPlace {
  readonly dataDir: string;
  /** Of clients. */
  readonly port: number;
  /** Of all members, in one order. */
  readonly peerPorts: readonly number[];
  /** Which of them it is. */
  readonly index: number;
  /** Of /health and /metrics, without TLS. */
  readonly metricsPort: number;
}

/** The command line of a member. */
export function etcdArguments(
  { dataDir, port, peerPorts, index, metricsPort }: EtcdPlace,
  tls?: EtcdTls,
): readonly string[] {
  const client = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  const peers = peerPorts.map((peerPort) => `http://127.0.0.1:${peerPort}`);
  return [
    `--data-dir=${dataDir}`,
    `--name=member-${index}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peers[index]}`,
    `--initial-advertise-peer-urls=${peers[index]}`,
    `--initial-cluster=${peers.map((peer, at) => `member-${at}=${peer}`).join(',')}`,
    `--listen-metrics-urls=http://127.0.0.1:${metricsPort}`,
    '--logger=zap',
    '--log-level=error',
    ...(tls === undefined ? [] : [`--cert-file=${tls.cert}`, `--key-file=${tls.key}`]),
  ];
}

/** One member of etcd 3 on free ports of 127.0.0.1. */
export interface EtcdServer extends Pick<ServerProcess, 'signal' | 'kill' | 'stop'> {
  /** host:port. */
  readonly endpoint: string;
  /** Calls the HTTP form of the API: `path` such as auth/user/add. */
  post(path: string, body: object, token?: string): Promise<unknown>;
  /** Starts it again after `kill`, on the same ports: with its data, or without. */
  restart(data: 'kept' | 'lost'): Promise<void>;
}

/** Starts an etcd of one member. Resolves when it serves. @throws NoEtcd */
export async function startEtcd(tls?: EtcdTls): Promise<EtcdServer> {
  const program = await findEtcd();
  return await startMember({ program, index: 0, peerPorts: [await freePort()], tls });
}

/** Starts an etcd of three members, which serves while two of them do. Resolves when each of them serves. @throws NoEtcd */
export async function startEtcdMembers(): Promise<readonly [EtcdServer, EtcdServer, EtcdServer]> {
  const program = await findEtcd();
  const peerPorts = [await freePort(), await freePort(), await freePort()];
  const start = (index: number) => startMember({ program, index, peerPorts, tls: undefined });
  return await Promise.all([start(0), start(1), start(2)]);
}

interface MemberOptions extends Pick<EtcdPlace, 'peerPorts' | 'index'> {
  readonly program: string;
  readonly tls: EtcdTls | undefined;
}

async function startMember({ program, index, peerPorts, tls }: MemberOptions): Promise<EtcdServer> {
  const dir = await mkdtemp(join(tmpdir(), 'stampede-etcd-'));
  const [port, metricsPort] = [await freePort(), await freePort()];
  const client = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  const log = join(dir, 'etcd.log');
  const args = etcdArguments({ dataDir: join(dir, 'data'), port, peerPorts, index, metricsPort }, tls);
  const isReady = (): Promise<boolean> =>
    fetch(`http://127.0.0.1:${metricsPort}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  const server = await startServerProcess({ name: 'etcd', program, args, log, dir, readyMs: READY_MS, isReady });
  return {
    ...server,
    endpoint: `127.0.0.1:${port}`,
    async post(path, body, token) {
      const headers = token === undefined ? {} : { authorization: token };
      const response = await fetch(`${client}/v3/${path}`, { method: 'POST', body: JSON.stringify(body), headers });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return await response.json();
    },
    async restart(data) {
      if (data === 'lost') await rm(join(dir, 'data'), { recursive: true, force: true });
      await server.start();
    },
  };
}
