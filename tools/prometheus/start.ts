import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { startGuarded } from '../guarded.ts';
import type { PrometheusPrograms } from './programs.ts';

const READY_MS = 60_000;
const LOG_CHARS = 2_000;

/** A Prometheus or an Alertmanager on a free port of 127.0.0.1. */
export interface MonitoringServer {
  readonly url: string;
  /** Kills it, and removes its data. */
  stop(): Promise<void>;
}

/** @param config the content of its configuration, as JSON; paths in it are absolute. Rejects with its log when it does not become ready. */
export const startPrometheus = ({ prometheus }: PrometheusPrograms, config: object): Promise<MonitoringServer> =>
  start(prometheus, config, (directory, port) => [
    `--storage.tsdb.path=${join(directory, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ]);

/** The same for Alertmanager. */
export const startAlertmanager = ({ alertmanager }: PrometheusPrograms, config: object): Promise<MonitoringServer> =>
  start(alertmanager, config, (directory, port) => [
    `--storage.path=${join(directory, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    // It has no others to agree with.
    '--cluster.listen-address=',
    '--log.level=warn',
  ]);

async function start(
  program: string,
  config: object,
  argumentsIn: (directory: string, port: number) => readonly string[],
): Promise<MonitoringServer> {
  const directory = await mkdtemp(join(tmpdir(), 'stampede-monitoring-'));
  const port = await freePort();
  const [file, log] = [join(directory, 'config.yml'), join(directory, 'log')];
  await writeFile(file, JSON.stringify(config));
  const running = await startGuarded(log, program, [`--config.file=${file}`, ...argumentsIn(directory, port)]);
  const stop = async (): Promise<void> => {
    await running.end();
    await rm(directory, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  for (const until = performance.now() + READY_MS; ; await sleep(50)) {
    const response = await fetch(`${url}/-/ready`).catch(() => undefined);
    if (response?.ok) return { url, stop };
    if (performance.now() > until) {
      const printed = readFileSync(log, 'utf8').slice(-LOG_CHARS);
      await stop();
      throw new Error(`${program} is not ready after ${READY_MS / 1_000} s:\n${printed}`);
    }
  }
}
