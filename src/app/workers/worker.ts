import cluster from 'node:cluster';
import type { Registry } from 'prom-client';
import { StartError } from '../../platform/kernel/start-error.ts';
import { createLogger } from '../../platform/telemetry/logger.ts';
import type { Settings } from '../config.ts';
import { drain } from '../drain.ts';
import { keepAdminPassword } from '../local/admin-password.ts';
import type { Target } from '../parts.ts';
import { type Server, startServer } from '../server.ts';
import { type Channel, openCalls } from './calls.ts';
import type { PrimaryApi, WorkerApi, WorkerStart } from './protocol.ts';

/**
 * Serves as one of several workers, as the primary says, until it says to stop or SIGTERM arrives. When the primary ends without a word, the
 * cluster module ends this process.
 */
export async function runWorker(target: Target, settings: Settings): Promise<number> {
  const stop = Promise.withResolvers<void>();
  // Ctrl-C in a terminal reaches every process; the primary says what follows. SIGTERM may be for this worker alone.
  for (const name of ['SIGINT', 'SIGHUP'] as const) process.on(name, () => {});
  process.on('SIGTERM', () => stop.resolve());

  let starting: Promise<Server> | undefined;
  let registry: Registry | undefined;
  const start = ({ preparesAccounts, mayShowSecrets, ...given }: WorkerStart): Promise<Server> =>
    startServer(
      { ...settings, target, ...given },
      {
        log: createLogger(settings.logLevel).child({ pid: process.pid }),
        preparesAccounts,
        ...(mayShowSecrets
          ? {}
          : { keepPassword: (password: string) => keepAdminPassword(settings.dataDir, password) }),
        exposeMetrics(own) {
          registry = own;
          return { contentType: own.contentType, metrics: () => call('metrics') };
        },
      },
    );
  const own: WorkerApi = {
    async start(given) {
      starting = start(given);
      const { url, metricsUrl, admin } = await starting;
      return { url, metricsUrl, admin };
    },
    ping: async () => {},
    metrics: async () => (await registry?.getMetricsAsJSON()) ?? [],
    stop: async () => stop.resolve(),
  };
  const call = openCalls<PrimaryApi>(channelOf(process), own);
  await stop.promise;
  const server = await starting;
  if (server !== undefined) await drain(server);
  return 0;
}

function channelOf(self: NodeJS.Process): Channel {
  if (cluster.worker === undefined || self.send === undefined)
    throw new StartError('a worker is started by its primary');
  return {
    send: (message) => void self.send?.(message),
    onMessage: (listener) => void self.on('message', listener),
    onClose: (listener) => void self.on('disconnect', listener),
  };
}
