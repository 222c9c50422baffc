import { SIGNING_CONTEXTS } from '../../src/app/event-catalogue.ts';
import { CONTEXT_NAMES, type ContextName, type Part } from '../../src/app/parts.ts';
import { serviceNameOf } from '../../src/app/shards/shard-map.ts';
import { databaseVariable } from '../../src/app/variables/service-variables.ts';
import { isSharded, SHARDED, shardsVariable } from '../../src/app/variables/shard-variables.ts';
import type { ClusterOptions } from './options.ts';

/** One process of a part. */
export interface Instance {
  /** For people: point, or coupon-1 where there are several; coupon.1 is of shard 1. */
  readonly name: string;
  readonly part: Part;
  /** 0 also for a part without shards. */
  readonly shard: number;
  /** Of the API for a gateway, else of health and metrics. */
  readonly httpPort: number;
  /** 0 for a gateway, which serves no gRPC. */
  readonly grpcPort: number;
}

export interface Plan {
  readonly port: number;
  /** The contexts first; the gateways, which call them, last. */
  readonly instances: readonly Instance[];
}

/** Where the first instance of each is: coupon at 3001, point at 3002, order with the time sales at 3003. Further instances follow after them. */
const PORT_RANKS: Readonly<Record<ContextName, number>> = {
  coupon: 1,
  point: 2,
  order: 3,
  identity: 4,
  store: 5,
  statistics: 6,
  notification: 7,
  webhook: 8,
};
const BY_PORT = CONTEXT_NAMES.toSorted((a, b) => PORT_RANKS[a] - PORT_RANKS[b]);

/** Decides what runs where. `freePort` returns a free port, for the rows whose first port is 0. */
export async function planCluster(options: ClusterOptions, freePort: () => Promise<number>): Promise<Plan> {
  const row = (first: number) => {
    let next = first;
    return async () => (first === 0 ? await freePort() : next++);
  };
  const [nextOps, nextGrpc, nextGateway] = [row(options.opsPort), row(options.grpcPort), row(options.gatewayPort)];
  const counts = options.instances;
  const instances: Instance[] = [];
  const rounds = Math.max(...BY_PORT.map((part) => counts[part]));
  for (let number = 1; number <= rounds; number++) {
    for (const part of BY_PORT.filter((each) => counts[each] >= number)) {
      await add(part, 0, number);
    }
  }
  for (let shard = 1; shard < options.shards; shard++) {
    for (const part of SHARDED) for (let number = 1; number <= counts[part]; number++) await add(part, shard, number);
  }
  for (let number = 1; number <= counts.gateway; number++) {
    const name = nameOf('gateway', number, counts.gateway);
    instances.push({ name, part: 'gateway', shard: 0, httpPort: await nextGateway(), grpcPort: 0 });
  }
  return { port: options.port === 0 ? await freePort() : options.port, instances };

  async function add(part: ContextName, shard: number, number: number): Promise<void> {
    const name = nameOf(serviceNameOf(part, shard), number, counts[part]);
    instances.push({ name, part, shard, httpPort: await nextOps(), grpcPort: await nextGrpc() });
  }
}

const nameOf = (part: string, number: number, count: number): string => (count === 1 ? part : `${part}-${number}`);

/**
 * Returns the port at which others reach what listens on `port`: the same one, or that of a proxy that a test puts before it.
 * @param name of an instance, or `postgres`, `kafka`, `etcd`, `redis`, `balancer`
 */
export type Wiring = (name: string, port: number) => Promise<number>;
export const DIRECT: Wiring = async (_, port) => port;

/** What all processes have alike. */
export interface Shared {
  /** The environment of the command. What the cluster decides itself is replaced. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly url: string;
  readonly dataDir: string;
  readonly brokers: string;
  readonly topicPrefix: string | undefined;
  /** Where the processes find each other. */
  readonly etcd: {
    readonly endpoints: string;
    /** Undefined: the default. */
    readonly prefix: string | undefined;
  };
  /** Undefined: there is none. */
  readonly redis: { readonly url: string; readonly prefix: string | undefined } | undefined;
  readonly jwtSecret: string;
  readonly serviceSecret: string;
  readonly redemptionSecret: string;
  readonly mailLinkSecret: string;
  readonly webhookEncryptionSecret: string;
  readonly gatewayPublicKey: string;
  readonly webhookSecret: string;
  /** PAYMENT_EVENT_KEYS of those who sign and check payment events. */
  readonly paymentEventKeys: string;
  /** Of coupon and of point. */
  readonly shards: number;
  /** URLs by part, of the login that the program works with; of shard 0 where there are several. */
  readonly databases: Readonly<Record<Part, string>>;
  /** Of the owner, where that is another login. */
  readonly migrations: Readonly<Record<Part, string>> | undefined;
}

/** Decided by the plan, and different for each process. */
const OWN =
  /^(PORT|METRICS_PORT|HOST|DATABASE_URL|MIGRATION_DATABASE_URL|GRPC_(PORT|HOST)|SHARD|\w+_(DATABASE_URL|ADDRESS|SHARDS|SHARD_\w+))$/;

/** The environment of the process. */
export function environmentOf(
  { part, shard, httpPort, grpcPort }: Instance,
  shared: Shared,
  advertisedPort = grpcPort,
): Record<string, string | undefined> {
  const given = Object.entries(shared.env).filter(([name]) => !OWN.test(name));
  const env: Record<string, string | undefined> = {
    LOG_LEVEL: 'warn',
    KAFKA_PARTITIONS: '3',
    FILES_DIRECTORY: `${shared.dataDir}/files`,
    // The load balancer, which states the address of the client.
    TRUST_PROXY: '1',
    ...Object.fromEntries(given),
    STAMPEDE_DATA_DIR: shared.dataDir,
    PORT: String(httpPort),
    GRPC_PORT: String(grpcPort),
    KAFKA_BROKERS: shared.brokers,
    ETCD_ENDPOINTS: shared.etcd.endpoints,
    SERVICE_SECRET: shared.serviceSecret,
    REDEMPTION_SECRET: shared.redemptionSecret,
    MAIL_LINK_SECRET: shared.mailLinkSecret,
    WEBHOOK_ENCRYPTION_SECRET: shared.webhookEncryptionSecret,
    GATEWAY_URL: shared.url,
    [databaseVariable(part)]: urlOfShard(shared.databases[part], shard),
  };
  if (shared.shards > 1) for (const name of SHARDED) env[shardsVariable(name)] = String(shared.shards);
  if (shared.shards > 1 && isSharded(part)) env['SHARD'] = String(shard);
  // Its holder can sign a token of any user.
  if (part === 'gateway' || part === 'identity') env['JWT_SECRET'] = shared.jwtSecret;
  else {
    delete env['JWT_SECRET'];
    env['GATEWAY_PUBLIC_KEY'] = shared.gatewayPublicKey;
  }
  if (shared.redis !== undefined) env['REDIS_URL'] = shared.redis.url;
  if (shared.redis?.prefix !== undefined) env['REDIS_PREFIX'] = shared.redis.prefix;
  if (advertisedPort !== grpcPort) env['GRPC_ADVERTISE'] = `127.0.0.1:${advertisedPort}`;
  if (shared.etcd.prefix !== undefined) env['ETCD_PREFIX'] = shared.etcd.prefix;
  // Its holder can report that an order is paid.
  delete env['PAYMENT_WEBHOOK_SECRET'];
  if (part === 'gateway' || part === 'order') env['PAYMENT_WEBHOOK_SECRET'] = shared.webhookSecret;
  delete env['PAYMENT_EVENT_KEYS'];
  if (SIGNING_CONTEXTS.has(part)) env['PAYMENT_EVENT_KEYS'] = shared.paymentEventKeys;
  if (shared.topicPrefix !== undefined) env['KAFKA_TOPIC_PREFIX'] = shared.topicPrefix;
  if (shared.migrations !== undefined) env['MIGRATION_DATABASE_URL'] = urlOfShard(shared.migrations[part], shard);
  return env;
}

/** The database of a shard, beside that of shard 0. */
export function urlOfShard(text: string, shard: number): string {
  if (shard === 0) return text;
  const url = new URL(text);
  url.pathname += `_${shard}`;
  return url.href;
}
