import { isLoopback, isLoopbackHost } from '../platform/kernel/host-port.ts';
import { nearest } from '../platform/kernel/nearest.ts';
import { StartError, UsageError } from '../platform/kernel/start-error.ts';
import type { Settings } from './config.ts';
import { CONTEXTS, type ContextName, runs } from './contexts.ts';
import { OWN_PRODUCER, SIGNING_CONTEXTS } from './event-catalogue.ts';
import { calledBy } from './service-calls.ts';
import {
  addressVariable,
  completeTls,
  databaseVariable,
  type Part,
  type ServiceSettings,
  type Target,
  WAYS,
  type Way,
} from './service-variables.ts';
import { isSharded, type ShardedName, shardAddressesVariable, shardsVariable } from './shard-variables.ts';

const NAMES: readonly ContextName[] = CONTEXTS.filter(runs).map(({ name }) => name);
export const PARTS: readonly Part[] = ['gateway', ...NAMES];

/** Every context and the gateway in one process. */
export const ALL: Target = { parts: new Set(PARTS), isComplete: true };

/** Do parts of this process store or serve files? */
export const keepsFiles = ({ parts }: Target): boolean =>
  parts.has('gateway') || CONTEXTS.filter(runs).some((context) => 'keepsFiles' in context && parts.has(context.name));

/** Reads `--target`: all, or parts separated by commas. @throws StartError */
export function readTarget(text: string): Target {
  if (text === 'all') return ALL;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !PARTS.some((part) => part === name));
  if (unknown !== undefined) {
    const list = ['all', ...PARTS].join(', ');
    throw new UsageError(
      `--target ${unknown} is no part of the program: ${list}. The nearest is ${nearest(unknown, ['all', ...PARTS])}.`,
    );
  }
  const parts = new Set(names as Part[]);
  return { parts, isComplete: PARTS.every((part) => parts.has(part)) };
}

/** Returns the contexts that a part calls. The gateway calls all. */
export const callsOf = (part: Part): readonly ContextName[] => (part === 'gateway' ? NAMES : calledBy(part));

/**
 * The contexts that the parts of this process call in other processes. The sandbox of payments runs with order, and takes the payments of
 * charges of points.
 */
export function remotesOf(
  { parts }: Target,
  { paymentProvider }: Pick<Settings, 'paymentProvider'>,
): readonly ContextName[] {
  const pays = (part: Part, name: ContextName) => part === 'point' && name === 'order' && paymentProvider === 'sandbox';
  return NAMES.filter(
    (name) => !parts.has(name) && [...parts].some((part) => callsOf(part).includes(name) || pays(part, name)),
  );
}

/**
 * Returns the settings for this target: with the database of its parts.
 * @throws StartError with one line for each variable that the target needs or refuses
 */
export function settingsFor(target: Target, settings: Settings): Settings {
  const problems = target.isComplete ? completeProblems(settings) : partialProblems(target, settings);
  const [databaseUrl] = databasesOf(target, settings);
  const ways = WAYS.map((way) => {
    const [url, another] = new Set([...target.parts].flatMap((part) => wayTo(part, way, settings) ?? []));
    if (another !== undefined)
      problems.push(`This process has several of ${way}. Set one for all of its contexts, or set --target.`);
    return [way, url];
  });
  if (problems.length > 0) throw new StartError(problems.join('\n'));
  return { ...settings, databaseUrl, ways: Object.fromEntries(ways) };
}

const databasesOf = ({ parts }: Target, { services, databaseUrl }: Settings): ReadonlySet<string | undefined> =>
  new Set([...parts].map((part) => services.databaseUrls[part] ?? databaseUrl));

/** The read replica or the pooler of a part's database. A context with a database of its own has those of that one, or none. */
export function wayTo(
  part: Part,
  way: Way,
  { services, ways }: Pick<Settings, 'services' | 'ways'>,
): string | undefined {
  const own = part === 'gateway' ? undefined : services.ways[way][part];
  return own ?? (services.databaseUrls[part] === undefined ? ways[way] : undefined);
}

function completeProblems({ services, shards, databaseUrl, production, jwtSecret }: Settings): string[] {
  const sharded = Object.keys(shards.of).map(
    (name) =>
      `${shardsVariable(name as ShardedName)} is for a process that does not host every part. Leave it out, or set --target.`,
  );
  // After a move the variable cannot be left out.
  const others = PARTS.filter((part) => (services.databaseUrls[part] ?? databaseUrl) !== databaseUrl).map(
    (part) =>
      `${databaseVariable(part)} is for a process that does not host every part: a process has one database. Set --target ${part} here, and --target with the other parts in a process without it. Or leave it out, unless ${part} has moved there.`,
  );
  return production && jwtSecret === undefined
    ? [...others, ...sharded, 'A process that hosts every part needs JWT_SECRET. Set it, or set --target.']
    : [...others, ...sharded];
}

/** Others than those that sign and check access tokens do without it when they have what follows from it. */
function needsJwtSecret({ parts }: Target, { services, redemptionSecrets, webhooks }: Settings): boolean {
  if (parts.has('gateway') || parts.has('identity')) return true;
  if (services.secret === undefined || services.gatewayPublicKeys === undefined) return true;
  if (parts.has('webhook') && webhooks.encryptionSecrets.length === 0) return true;
  return parts.has('coupon') && redemptionSecrets.length === 0;
}

function partialProblems(target: Target, settings: Settings): string[] {
  const { services } = settings;
  const named = [...target.parts].join(',');
  const hosts = (part: Part) => target.parts.has(part);
  const databases = databasesOf(target, settings);
  const problems: string[] = [];
  if (settings.workers > 1 && named !== 'gateway') {
    problems.push(
      `--target ${named} serves other processes, which keep a connection to one process each. Leave --workers and WORKERS out, and start several processes of it.`,
    );
  }
  if (databases.size > 1) {
    problems.push(`--target ${named} has several databases. Start a process for each, or set one database for all.`);
  } else if (databases.has(undefined)) {
    const [first = 'gateway'] = target.parts;
    problems.push(`--target ${named} needs a database. Set DATABASE_URL or ${databaseVariable(first)}.`);
  }
  problems.push(...shardProblemsOf(target, settings));
  if (settings.kafka === undefined) {
    problems.push(`--target ${named} needs Kafka, by which events reach other processes. Set KAFKA_BROKERS.`);
  }
  const { trustAcl, keys } = settings.paymentEvents;
  if (!trustAcl && !keys.has(OWN_PRODUCER) && [...target.parts].some((part) => SIGNING_CONTEXTS.has(part))) {
    problems.push(
      `--target ${named} needs a key that signs payment events, the same in the processes of ${[...SIGNING_CONTEXTS].join(' and ')}, and in no other. Set PAYMENT_EVENT_KEYS=${OWN_PRODUCER}: followed by the output of: openssl rand -base64 32`,
    );
  }
  if (settings.jwtSecret === undefined && needsJwtSecret(target, settings)) {
    const without = hosts('gateway') || hosts('identity') ? '' : ' Or set SERVICE_SECRET and GATEWAY_PUBLIC_KEY';
    const codes = without !== '' && hosts('coupon') ? ' and REDEMPTION_SECRET' : '';
    const webhooks = without !== '' && hosts('webhook') ? ' and WEBHOOK_ENCRYPTION_SECRET' : '';
    problems.push(
      `--target ${named} needs JWT_SECRET, the same in every process.${without && `${without}${codes}${webhooks}, to do without it.`}`,
    );
  }
  const isEncrypted = completeTls(services.tls) !== undefined;
  if (services.tls !== undefined && !isEncrypted)
    problems.push('GRPC_CERT, GRPC_KEY and GRPC_CA belong together. Set all three.');
  if (!isEncrypted && !isLoopbackHost(services.grpcHost)) {
    problems.push(
      `GRPC_HOST=${services.grpcHost} serves other machines. Set GRPC_CERT, GRPC_KEY and GRPC_CA, or leave it out.`,
    );
  }
  if (services.etcd !== undefined) problems.push(...advertiseProblems(services, isEncrypted));
  for (const name of remotesOf(target, settings)) {
    const address = services.addresses[name];
    if (address === undefined && services.etcd === undefined) {
      problems.push(
        `--target ${named} calls ${name} in another process. Set ${addressVariable(name)}=host:port, or ETCD_ENDPOINTS.`,
      );
    }
    const shards = isSharded(name) ? settings.shards.of[name] : undefined;
    if (shards !== undefined && shards.addresses.length === 0 && services.etcd === undefined) {
      problems.push(
        `--target ${named} calls ${shards.shards} shards of ${name}. Set ${shardAddressesVariable(name as ShardedName)} to where the others are, or ETCD_ENDPOINTS.`,
      );
    }
    const all = [...(address?.addresses ?? []), ...(shards?.addresses ?? []).flatMap(({ addresses }) => addresses)];
    const far = isEncrypted ? undefined : all.find((each) => !isLoopback(each));
    if (far !== undefined) {
      problems.push(
        `${addressVariable(name)}=${far} is not on this machine. Set GRPC_CERT, GRPC_KEY and GRPC_CA, or a loopback address.`,
      );
    }
  }
  if (settings.paymentProvider === 'sandbox' && hosts('order') !== hosts('gateway')) {
    if (settings.webhookKeys.length === 0) {
      problems.push(
        `--target ${named} needs PAYMENT_WEBHOOK_SECRET, the same in the gateway and in order, for the sandbox.`,
      );
    }
    if (hosts('order') && services.gatewayUrl === undefined) {
      problems.push(
        `--target ${named} needs GATEWAY_URL, where the sandbox reports payments. Or set PAYMENT_PROVIDER=none.`,
      );
    }
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
