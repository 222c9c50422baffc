import { isLoopback, isLoopbackHost } from '../platform/kernel/host-port.ts';
import type { Settings } from './config.ts';
import { OWN_PRODUCER, SIGNING_CONTEXTS } from './event-catalogue.ts';
import { type ContextName, PARTS, type Target } from './parts.ts';
import { givenSecrets, secretVariablesOf } from './shared-secrets.ts';
import { remotesOf } from './targets.ts';
import { addressVariable, completeTls, databaseVariable, type ServiceSettings } from './variables/service-variables.ts';
import { isSharded, type ShardedName, shardAddressesVariable, shardsVariable } from './variables/shard-variables.ts';

/** Returns the databases of the parts. Undefined among them: that of a part is not set. */
export const databasesOf = ({ parts }: Target, { services, databaseUrl }: Settings): ReadonlySet<string | undefined> =>
  new Set([...parts].map((part) => services.databaseUrls[part] ?? databaseUrl));

/** Returns one line for each variable that a process with all parts needs or refuses. */
export function completeProblems({
  services,
  shards,
  databaseUrl,
  production,
  jwtSecrets,
}: Settings): readonly string[] {
  const sharded = Object.keys(shards.of).map(
    (name) =>
      `${shardsVariable(name as ShardedName)} is for a process that does not host every part. Leave it out, or set --target.`,
  );
  // After a move the variable cannot be left out.
  const others = PARTS.filter((part) => (services.databaseUrls[part] ?? databaseUrl) !== databaseUrl).map(
    (part) =>
      `${databaseVariable(part)} is for a process that does not host every part: a process has one database. Set --target ${part} here, and --target with the other parts in a process without it. Or leave it out, unless ${part} has moved there.`,
  );
  return production && jwtSecrets.length === 0
    ? [...others, ...sharded, 'A process that hosts every part needs JWT_SECRET. Set it, or set --target.']
    : [...others, ...sharded];
}

/** Returns one line for each variable that a process with some of the parts needs or refuses. */
export function partialProblems(target: Target, settings: Settings): readonly string[] {
  return [
    ...workerProblems(target, settings),
    ...databaseProblems(target, settings),
    ...shardProblemsOf(target, settings),
    ...eventProblems(target, settings),
    ...secretProblems(target, settings),
    ...encryptionProblems(settings),
    ...remotesOf(target, settings).flatMap((name) => remoteProblems(name, target, settings)),
    ...sandboxProblems(target, settings),
  ];
}

/** The parts in the notation of `--target`. */
const namesOf = ({ parts }: Target): string => [...parts].join(',');

function workerProblems(target: Target, { workers }: Settings): readonly string[] {
  const named = namesOf(target);
  if (workers === 1 || named === 'gateway') return [];
  return [
    `--target ${named} serves other processes, which keep a connection to one process each. Leave --workers and WORKERS out, and start several processes of it.`,
  ];
}

function databaseProblems(target: Target, settings: Settings): readonly string[] {
  const databases = databasesOf(target, settings);
  const named = namesOf(target);
  if (databases.size > 1) {
    return [`--target ${named} has several databases. Start a process for each, or set one database for all.`];
  }
  if (!databases.has(undefined)) return [];
  const [first = 'gateway'] = target.parts;
  return [`--target ${named} needs a database. Set DATABASE_URL or ${databaseVariable(first)}.`];
}

function eventProblems(target: Target, { kafka, paymentEvents: { trustAcl, keys } }: Settings): readonly string[] {
  const named = namesOf(target);
  const problems: string[] = [];
  if (kafka === undefined) {
    problems.push(`--target ${named} needs Kafka, by which events reach other processes. Set KAFKA_BROKERS.`);
  }
  if (!trustAcl && !keys.has(OWN_PRODUCER) && [...target.parts].some((part) => SIGNING_CONTEXTS.has(part))) {
    problems.push(
      `--target ${named} needs a key that signs payment events, the same in the processes of ${[...SIGNING_CONTEXTS].join(' and ')}, and in no other. Set PAYMENT_EVENT_KEYS=${OWN_PRODUCER}: followed by the output of: openssl rand -base64 32`,
    );
  }
  return problems;
}

function secretProblems(target: Target, settings: Settings): readonly string[] {
  const used = secretVariablesOf(target, settings);
  // Without an own secret they would follow from one that no other process has.
  const lacksOne = used.some((variable) => givenSecrets(variable, settings).length === 0);
  if (settings.jwtSecrets.length > 0 || !(lacksOne || settings.services.gatewayPublicKeys === undefined)) return [];
  const needed = [...used, 'GATEWAY_PUBLIC_KEY'];
  const instead = used.includes('JWT_SECRET') ? '' : ` Or set ${needed.join(' and ')}, to do without it.`;
  return [`--target ${namesOf(target)} needs JWT_SECRET, the same in every process.${instead}`];
}

function encryptionProblems({ services }: Settings): readonly string[] {
  const { tls, grpcHost } = services;
  const isEncrypted = completeTls(tls) !== undefined;
  const problems: string[] = [];
  if (tls !== undefined && !isEncrypted)
    problems.push('GRPC_CERT, GRPC_KEY and GRPC_CA belong together. Set all three.');
  if (!isEncrypted && !isLoopbackHost(grpcHost)) {
    problems.push(`GRPC_HOST=${grpcHost} serves other machines. Set GRPC_CERT, GRPC_KEY and GRPC_CA, or leave it out.`);
  }
  if (services.etcd !== undefined) problems.push(...advertiseProblems(services, isEncrypted));
  return problems;
}

/** Of the context `name`, which this process calls in another one. */
function remoteProblems(name: ContextName, target: Target, { services, shards }: Settings): readonly string[] {
  const named = namesOf(target);
  const address = services.addresses[name];
  const problems: string[] = [];
  if (address === undefined && services.etcd === undefined) {
    problems.push(
      `--target ${named} calls ${name} in another process. Set ${addressVariable(name)}=host:port, or ETCD_ENDPOINTS.`,
    );
  }
  const sharded = isSharded(name) ? shards.of[name] : undefined;
  if (sharded !== undefined && sharded.addresses.length === 0 && services.etcd === undefined) {
    problems.push(
      `--target ${named} calls ${sharded.shards} shards of ${name}. Set ${shardAddressesVariable(name as ShardedName)} to where the others are, or ETCD_ENDPOINTS.`,
    );
  }
  if (completeTls(services.tls) !== undefined) return problems;
  const others = (sharded?.addresses ?? []).flatMap(({ addresses }) => addresses);
  const far = [...(address?.addresses ?? []), ...others].find((each) => !isLoopback(each));
  if (far !== undefined) {
    problems.push(
      `${addressVariable(name)}=${far} is not on this machine. Set GRPC_CERT, GRPC_KEY and GRPC_CA, or a loopback address.`,
    );
  }
  return problems;
}

/** The sandbox reports payments to the gateway by signed requests, as a provider does. */
function sandboxProblems(target: Target, settings: Settings): readonly string[] {
  const isOrderHere = target.parts.has('order');
  if (settings.paymentProvider !== 'sandbox' || isOrderHere === target.parts.has('gateway')) return [];
  const named = namesOf(target);
  const problems: string[] = [];
  if (settings.webhookKeys.length === 0) {
    problems.push(
      `--target ${named} needs PAYMENT_WEBHOOK_SECRET, the same in the gateway and in order, for the sandbox.`,
    );
  }
  if (isOrderHere && settings.services.gatewayUrl === undefined) {
    problems.push(
      `--target ${named} needs GATEWAY_URL, where the sandbox reports payments. Or set PAYMENT_PROVIDER=none.`,
    );
  }
  return problems;
}

/** A process has one shard, and no other part beside it, which would call that shard alone. */
function shardProblemsOf({ parts }: Target, { shards: { own, of }, services }: Settings): readonly string[] {
  const named = [...parts].join(',');
  const [name] = [...parts].filter(isSharded).filter((each) => of[each] !== undefined);
  if (name === undefined) {
    const [sharded] = [...parts].filter(isSharded);
    const advice = sharded === undefined ? '' : `, or set ${shardsVariable(sharded)} as its other processes have it`;
    const problem = `SHARD is for a process of a context with several shards. Leave it out for --target ${named}${advice}.`;
    return own === undefined ? [] : [problem];
  }
  const { shards = 1 } = of[name] ?? {};
  const few = `${shards} shards by ${shardsVariable(name)}`;
  if (parts.size > 1) return [`--target ${named} has ${name}, which has ${few}. Set --target ${name} alone.`];
  if (own === undefined || own >= shards)
    return [`--target ${named} is one of ${few}. Set SHARD to its number, from 0 to ${shards - 1}.`];
  if (name === 'coupon' && own > 0 && services.addresses.coupon === undefined && services.etcd === undefined)
    return [`--target coupon with SHARD=${own} calls shard 0. Set COUPON_ADDRESS=host:port, or ETCD_ENDPOINTS.`];
  return [];
}

const EVERY_ADDRESS = /^(0\.0\.0\.0|::)$/;

/** What others find in etcd has to be an address at which they may call this process. */
function advertiseProblems({ grpcHost, advertise }: ServiceSettings, isEncrypted: boolean): readonly string[] {
  if (advertise === undefined && EVERY_ADDRESS.test(grpcHost)) {
    return [
      `GRPC_HOST=${grpcHost} is no address for others. Set GRPC_ADVERTISE=host:port, where they reach this process.`,
    ];
  }
  if (advertise !== undefined && !isEncrypted && !isLoopback(advertise)) {
    return [`GRPC_ADVERTISE=${advertise} is not on this machine. Set GRPC_CERT, GRPC_KEY and GRPC_CA.`];
  }
  return [];
}
