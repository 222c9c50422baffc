import { AclOperations, AclPermissionTypes, Admin, ResourcePatternTypes, ResourceTypes } from '@platformatic/kafka';
import { canAccess } from '../../platform/events/kafka/access.ts';
import { callWithTimeout } from '../../platform/events/kafka/call-with-timeout.ts';
import { clientOptions, guarded, type KafkaSettings } from '../../platform/events/kafka/settings.ts';

const TIMEOUT_MS = 5_000;
const ANY = {
  resourceType: ResourceTypes.ANY,
  resourceName: null,
  resourcePatternType: ResourcePatternTypes.ANY,
  principal: null,
  host: null,
  operation: AclOperations.ANY,
  permissionType: AclPermissionTypes.ANY,
};

export interface KafkaCluster {
  readonly brokers: number;
  /** The fewest replicas of a partition, by topic of this system. */
  readonly replicas: readonly (readonly [topic: string, count: number])[];
  /** False: every client may do everything. */
  readonly hasAcls: boolean;
}

/** @throws StartError when a broker refuses this process; Error when none responds */
export async function describeCluster(settings: KafkaSettings): Promise<KafkaCluster> {
  if (!(await canAccess(settings))) throw new Error('no broker responds');
  const admin = guarded(new Admin(clientOptions(settings)));
  try {
    const names = await callWithTimeout(TIMEOUT_MS, 'Kafka', admin.listTopics());
    const own = names.filter((name) => name.startsWith(settings.prefix) && !name.startsWith('__'));
    const { brokers, topics } = await callWithTimeout(
      TIMEOUT_MS,
      'Kafka',
      admin.metadata({ topics: own, forceUpdate: true }),
    );
    const replicas = [...topics].map(
      ([name, { partitions }]) => [name, Math.min(...partitions.map((each) => each.replicas.length))] as const,
    );
    const hasAcls = await callWithTimeout(TIMEOUT_MS, 'Kafka', admin.describeAcls({ filter: ANY })).then(
      () => true,
      (error: unknown) => !isWithoutAcls(error),
    );
    return { brokers: brokers.size, replicas, hasAcls };
  } finally {
    await callWithTimeout(TIMEOUT_MS, 'closing', admin.close()).catch(() => undefined);
  }
}

/** Brokers without an authorizer refuse to list rules; those with one may refuse it to this user. */
function isWithoutAcls(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { apiId, errors = [], cause } = error as { apiId?: unknown; errors?: readonly unknown[]; cause?: unknown };
  return apiId === 'SECURITY_DISABLED' || errors.some(isWithoutAcls) || (cause !== undefined && isWithoutAcls(cause));
}
