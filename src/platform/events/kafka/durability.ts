import { type Admin, ConfigResourceTypes } from '@platformatic/kafka';
import type { KafkaSettings } from './settings.ts';

/** A message is acknowledged by this many brokers, so that one of them may be lost. */
const COPIES_MIN = 2;
/** With fewer, a topic takes no messages while one broker of the copies above is away. */
const REPLICAS_MIN = 3;
const SETTINGS = ['min.insync.replicas', 'unclean.leader.election.enable'];

/**
 * Returns a sentence for each of these topics whose acknowledged messages may be lost with one broker. A cluster of one or two brokers is
 * taken as it is, unless durable topics are required. Publishers of this system always wait for all replicas in sync.
 */
export async function durabilityProblems(
  admin: Admin,
  names: readonly string[],
  { requireDurable = false, replication }: KafkaSettings,
): Promise<readonly string[]> {
  const { topics } = await admin.metadata({ topics: [...names], forceUpdate: true });
  const replicasOf = (name: string): number =>
    Math.min(...(topics.get(name)?.partitions.map(({ replicas }) => replicas.length) ?? [0]));
  const replicated = names.filter((name) => replicasOf(name) >= REPLICAS_MIN);
  const settings = await settingsOf(admin, replicated);
  const expected = Math.max(replication ?? 1, requireDurable ? REPLICAS_MIN : 1);
  return names.flatMap((name) => {
    const replicas = replicasOf(name);
    if (replicas < expected) return [`${name} has ${replicas} of ${expected} replicas.`];
    if (replicas < REPLICAS_MIN) return [];
    const own = settings.get(name);
    const inSync = Number(own?.get('min.insync.replicas') ?? Number.NaN);
    if (Number.isNaN(inSync)) return [`${name} does not show its min.insync.replicas to this user (DescribeConfigs).`];
    if (inSync < COPIES_MIN) return [`${name} has min.insync.replicas=${inSync}, and needs ${COPIES_MIN}.`];
    if (own?.get('unclean.leader.election.enable') === 'true') {
      return [`${name} has unclean.leader.election.enable=true, by which a broker without the last messages may lead.`];
    }
    return [];
  });
}

/** By topic. Empty where this user may not see them. */
async function settingsOf(
  admin: Admin,
  names: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string | null | undefined>>> {
  if (names.length === 0) return new Map();
  const resources = names.map((resourceName) => ({
    resourceType: ConfigResourceTypes.TOPIC,
    resourceName,
    configurationKeys: SETTINGS,
  }));
  const described = await admin.describeConfigs({ resources }).catch((error: unknown) => {
    if (isDenied(error)) return [];
    throw error;
  });
  return new Map(
    described.map(({ resourceName, configs }) => [
      resourceName,
      new Map(configs.map(({ name, value }) => [name, value])),
    ]),
  );
}

const isDenied = (error: unknown): boolean =>
  error instanceof AggregateError
    ? error.errors.some(isDenied)
    : (error as { apiId?: unknown } | undefined)?.apiId === 'TOPIC_AUTHORIZATION_FAILED';
