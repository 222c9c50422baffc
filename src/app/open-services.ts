import { createPublicKey } from 'node:crypto';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { DirectoryService } from '../contexts/coupon/api.ts';
import { type CodeClaims, directoryContract } from '../contexts/coupon/module.ts';
import type { InboxFeed } from '../contexts/notification/api.ts';
import type { SandboxProvider } from '../contexts/order/module.ts';
import type { SandboxPaymentService } from '../contexts/payment/api.ts';
import { paymentContext } from '../contexts/payment/module.ts';
import { principalCheck, principalKey, principalSigner } from '../platform/grpc/principal-tokens.ts';
import type { GrpcServer } from '../platform/grpc/serve.ts';
import { serviceTokens } from '../platform/grpc/service-tokens.ts';
import type { CallClock } from '../platform/kernel/clock.ts';
import { hostPort } from '../platform/kernel/host-port.ts';
import { type Bound, noRemotes, type RemoteApi } from './bind.ts';
import type { Config } from './config.ts';
import type { ContextName, Part, Target } from './parts.ts';
import { mayCallProcess, type OtherProcess, type ProcessService } from './process-service.ts';
import type { RemoteSandbox } from './remote/sandbox-payments.ts';
import type { ProcessLevelService } from './remote/service-server.ts';
import { mayCallDirectory, remoteCodeClaims } from './shards/directory.ts';
import { serviceNameOf, shardMapsOf } from './shards/shard-map.ts';
import { secretsOf } from './shared-secrets.ts';
import { remotesOf } from './targets.ts';
import { completeTls } from './variables/service-variables.ts';
import { isSharded } from './variables/shard-variables.ts';

/** How a process that does not host everything reaches the others, and is reached by them. */
export interface Services {
  readonly apiOf: RemoteApi;
  readonly isCouponClosed: (policyId: bigint) => boolean;
  /** Undefined where no notification context is called. */
  readonly inboxChanges: InboxFeed | undefined;
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  readonly serve: ((modules: Bound['modules'], served: Served) => Promise<GrpcServer>) | undefined;
  /** One for each context and shard. Empty without the gateway, for which they work. */
  readonly processes: readonly OtherProcess[];
  /** Present in a shard of coupon after shard 0, which has the codes of all. */
  readonly codeClaims: CodeClaims | undefined;
  /** Present where the sandbox of payments runs in another process. */
  readonly sandbox: RemoteSandbox | undefined;
  close(): Promise<void>;
}

/** What a process serves besides its contexts. */
interface Served {
  readonly process: ProcessService;
  readonly sandbox: SandboxProvider | undefined;
}

const NO_SERVICES: Services = {
  apiOf: noRemotes,
  isCouponClosed: () => false,
  inboxChanges: undefined,
  checks: {},
  serve: undefined,
  processes: [],
  codeClaims: undefined,
  sandbox: undefined,
  close: async () => {},
};

interface ServiceParts {
  readonly clock: CallClock;
  readonly metrics: Registry;
  readonly log: Logger;
}

export async function openServices(
  config: Config,
  target: Target,
  { clock, metrics, log }: ServiceParts,
): Promise<Services> {
  const { services, jwtSecrets, paymentProvider } = config;
  if (target.isComplete) return NO_SERVICES;
  // Loaded only where it is used, as is Kafka.
  const { openRemotes } = await import('./remote/remotes.ts');
  const { serveContexts } = await import('./remote/service-server.ts');
  const { grpcCredentials } = await import('./remote/credentials.ts');
  const { PROCESS_CALL_MS, PROCESS_CONTRACT } = await import('./remote/process-contract.ts');
  const payments = await import('./remote/sandbox-payments.ts');
  const paymentContract = await paymentContext.contract();
  const credentials = grpcCredentials(completeTls(services.tls));
  const tokens = serviceTokens(secretsOf('SERVICE_SECRET', config), clock);
  const privateKeys = jwtSecrets.map(principalKey);
  const isPrincipal = principalCheck(
    services.gatewayPublicKeys ?? privateKeys.map((key) => createPublicKey(key)),
    clock,
  );
  const [privateKey] = privateKeys;
  if (privateKey === undefined) throw new Error('there is no secret to sign with');
  const remotes = remotesOf(target, config);
  const { shards } = config;
  const maps = shardMapsOf(shards);
  const ownShard = shards.own ?? 0;
  const takesCodes = ownShard > 0 && target.parts.has('coupon');
  const etcd = services.etcd && (await (await import('./remote/etcd.ts')).openEtcd(services.etcd, log));
  const opening = openRemotes({
    names: remotes,
    etcd,
    settings: services,
    shards: { settings: shards, maps },
    tokens,
    signPrincipal: target.parts.has('gateway') ? principalSigner(privateKey, clock.now) : undefined,
    credentials,
    metrics,
    log,
  });
  const { apiOf, isCouponClosed, inboxChanges, checks, serviceAt, close } = await opening.catch(async (error) => {
    await etcd?.close();
    throw error;
  });
  const serve: Services['serve'] = async (modules, { process, sandbox }) => {
    const others: ProcessLevelService[] = [
      {
        contract: PROCESS_CONTRACT,
        api: process,
        mayCall: (caller, method) => mayCallProcess(caller, method, config.sandbox),
      },
    ];
    if (sandbox !== undefined) {
      const api = payments.sandboxPaymentService(sandbox);
      others.push({ contract: paymentContract, api, mayCall: payments.mayCallSandboxPayments });
    }
    if (modules.coupon !== undefined && maps.coupon !== undefined && ownShard === 0) {
      const contract = await directoryContract();
      others.push({ contract, api: modules.coupon.directory, mayCall: mayCallDirectory });
    }
    const host = services.grpcHost;
    const server = await serveContexts({
      modules,
      others,
      tokens,
      isPrincipal,
      credentials,
      host,
      port: services.grpcPort,
      log,
    });
    etcd?.register(
      Object.keys(modules).map((name) => serviceNameOf(name, ownShard)),
      services.advertise ?? hostPort(host, server.port),
    );
    return {
      ...server,
      async leave() {
        await Promise.all([server.leave(), etcd?.leave()]);
      },
    };
  };
  const processesOf = (context: ContextName): readonly OtherProcess[] =>
    Array.from({ length: (isSharded(context) && shards.of[context]?.shards) || 1 }, (_, shard) => {
      const process = serviceAt(context, PROCESS_CONTRACT, 'gateway', { callMs: PROCESS_CALL_MS, shard });
      return { name: serviceNameOf(context, shard), context, process: process as ProcessService };
    });
  const hasGateway = target.parts.has('gateway');
  const paysElsewhere = paymentProvider === 'sandbox' && remotes.includes('order') && !target.parts.has('order');
  const asCaller = once((caller: Part) => serviceAt('order', paymentContract, caller) as SandboxPaymentService);
  return {
    apiOf,
    isCouponClosed,
    inboxChanges,
    checks: { ...checks, ...(etcd === undefined ? {} : { etcd: () => etcd.check() }) },
    async close() {
      close();
      await etcd?.close();
    },
    serve: [...target.parts].some((part) => part !== 'gateway') ? serve : undefined,
    processes: hasGateway ? remotes.flatMap(processesOf) : [],
    codeClaims: takesCodes
      ? remoteCodeClaims(serviceAt('coupon', await directoryContract(), 'coupon') as DirectoryService)
      : undefined,
    sandbox: paysElsewhere ? payments.remoteSandbox(asCaller) : undefined,
  };
}

/** Keeps the result for each argument. */
function once<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}
