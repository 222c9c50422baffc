import { setTimeout as sleep } from 'node:timers/promises';
import type { GrpcServer } from '../platform/grpc/serve.ts';
import type { PageServer } from '../platform/http/page-server.ts';
import { hostPort } from '../platform/kernel/host-port.ts';
import { createLogger } from '../platform/telemetry/logger.ts';
import { observeReadiness } from '../platform/telemetry/readiness-metrics.ts';
import { compose } from './compose.ts';
import type { Config } from './config.ts';
import { openOps } from './ops.ts';
import { GRPC_STOP_MS, type Overrides, prepareAccounts, type Server, shutdownDelayOf } from './server.ts';

/** A process without the gateway. */
export interface Service extends Pick<Server, 'admin' | 'grpcPort' | 'leave' | 'stop'> {
  /** Of its operations: health and metrics. */
  readonly url: string;
  readonly metricsUrl: string;
}

/** Starts the contexts of a process without the gateway, and serves them to others. Throws when a port or the database is not available. */
export async function startService(
  config: Config,
  { log, keepPassword }: Pick<Overrides, 'log' | 'keepPassword'>,
): Promise<Service> {
  const composed = await compose(config, {
    log: log ?? createLogger(config.logLevel),
    ...(config.services.gatewayUrl === undefined ? {} : { ownUrl: () => config.services.gatewayUrl ?? '' }),
  });
  let isDraining = false;
  let grpc: GrpcServer | undefined;
  let ops: PageServer | undefined;
  try {
    const admin = await prepareAccounts(config, composed, keepPassword);
    grpc = await composed.serveContexts?.();
    const { readinessChecks, informationalChecks } = composed;
    const readiness = { readinessChecks, informationalChecks, isDraining: () => isDraining };
    observeReadiness(composed.metrics, readiness);
    ops = await openOps({
      ...readiness,
      host: config.host,
      port: config.metricsPort ?? config.port,
      registry: composed.metrics,
    });
    const { port } = ops;
    composed.scheduler.start();
    let stopping: Promise<void> | undefined;
    const stop = async (): Promise<void> => {
      isDraining = true;
      await Promise.all([grpc?.stop(GRPC_STOP_MS), composed.scheduler.stop()]);
      await ops?.close();
      await composed.stop();
    };
    const url = `http://${hostPort(config.host, port)}`;
    return {
      url,
      metricsUrl: `${url}/metrics`,
      admin,
      grpcPort: grpc?.port,
      async leave() {
        isDraining = true;
        await grpc?.leave();
        await sleep(shutdownDelayOf(config));
      },
      stop() {
        stopping ??= stop();
        return stopping;
      },
    };
  } catch (error) {
    await Promise.all([grpc?.stop(GRPC_STOP_MS), ops?.close()]);
    await composed.stop();
    throw error;
  }
}
