import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { startServerProcess } from '../server-process.ts';
import type { PrometheusPrograms } from './programs.ts';

const READY_MS = 60_000;

/** A Prometheus or an Alertmanager on a free port of 127.0.0.1. */
export interface MonitoringServer {
  readonly url: string;
  /** Kills it, and removes its data. */
  stop(): Promise<void>;
}

/** @param config the content of its configuration, as JSON; paths in it are absolute. Rejects with its log when it does not become ready. */
export const startPrometheus = ({ prometheus }: PrometheusPrograms, config: object): Promise<MonitoringServer> =>
  start(prometheus, config, (dir, port) => [
    `--storage.tsdb.path=${join(dir, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ]);

/** The same for Alertmanager. */
export const startAlertmanager = ({ alertmanager }: PrometheusPrograms, config: object): Promise<MonitoringServer> =>
  start(alertmanager, config, (dir, port) => [
    `--storage.path=${join(dir, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    // It has no others to agree with.
    '--cluster.listen-address=',
    '--log.level=warn',
  ]);

async function start(
  program: string,
  config: object,
  argumentsIn: (dir: string, port: number) => readonly string[],
): Promise<MonitoringServer> {
  const dir = await mkdtemp(join(tmpdir(), 'stampede-monitoring-'));
  const port = await freePort();
  const [file, log] = [join(dir, 'config.yml'), join(dir, 'log')];
  await writeFile(file, JSON.stringify(config));
  const url = `http://127.0.0.1:${port}`;
  const isReady = (): Promise<boolean> =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  const args = [`--config.file=${file}`, ...argumentsIn(dir, port)];
  const { stop } = await startServerProcess({ name: program, program, args, log, dir, readyMs: READY_MS, isReady });
  return { url, stop };
}
