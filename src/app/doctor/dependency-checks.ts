import { firstMessage } from '../../platform/kernel/first-message.ts';
import { isLoopback } from '../../platform/kernel/host-port.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { type Check, type Finding, fail, ok, type Subject, warn } from './finding.ts';
import { redis } from './redis-check.ts';

const REPLICATION_MIN = 3;

/** Whether Kafka, etcd and Redis respond, and to whom. */
export const DEPENDENCY_CHECKS: readonly Check[] = [
  { name: 'Kafka', run: kafka },
  { name: 'etcd', run: etcd },
  { name: 'Redis', run: redis },
];

async function kafka({ settings }: Subject): Promise<readonly Finding[]> {
  const { kafka: given } = settings;
  if (given === undefined) return [];
  const isFar = !given.brokers.every(isLoopback);
  const findings: Finding[] = [];
  if (isFar && given.security?.tls === undefined)
    findings.push(fail('Events go to Kafka on other machines without encryption. Set KAFKA_TLS=on.'));
  if (given.security?.sasl === undefined && given.security?.tls?.cert === undefined)
    findings.push((isFar ? fail : warn)('Kafka does not know this process. Set KAFKA_SASL_MECHANISM or KAFKA_CERT.'));
  const { describeCluster } = await import('./describe-kafka.ts');
  try {
    const { brokers, replicas, hasAcls } = await describeCluster(given);
    if (!hasAcls)
      findings.push(
        (isFar ? fail : warn)('Kafka has no access rules: every client may write. See docs/kafka-acls.sh.'),
      );
    if (brokers < REPLICATION_MIN)
      findings.push(warn(`Kafka has ${brokers} brokers: the loss of one may lose events. Run ${REPLICATION_MIN}.`));
    const few = replicas.filter(([, count]) => count < REPLICATION_MIN).map(([topic, count]) => `${topic} ${count}`);
    if (brokers >= REPLICATION_MIN && few.length > 0)
      findings.push(
        fail(`Topics with less than ${REPLICATION_MIN} replicas: ${few.join(', ')}. Reassign their partitions.`),
      );
    return findings.length > 0 ? findings : [ok(`${brokers} brokers, ${replicas.length} topics`)];
  } catch (error) {
    if (error instanceof StartError) return [...findings, fail(error.message)];
    return [...findings, fail(`Kafka does not respond: ${firstMessage(error)}. Start it, or correct KAFKA_BROKERS.`)];
  }
}

async function etcd({ settings }: Subject): Promise<readonly Finding[]> {
  const { etcd: given } = settings.services;
  if (given === undefined) return [];
  const { etcdClient, etcdCredentials, isDenied } = await import('../../platform/etcd/client.ts');
  const { readTlsFiles } = await import('../../platform/read-pem.ts');
  const credentials = etcdCredentials(given.isEncrypted, readTlsFiles('ETCD', given.tls));
  const listAs = async (login: typeof given.login): Promise<'listed' | 'denied'> => {
    const client = etcdClient({ endpoints: given.endpoints, login, credentials });
    try {
      await client.list(`${given.prefix}services/`);
      return 'listed';
    } catch (error) {
      if (isDenied(error)) return 'denied';
      throw error;
    } finally {
      client.close();
    }
  };
  try {
    if ((await listAs(given.login)) === 'denied')
      return [
        fail(
          'etcd refuses this process. Set ETCD_USER and ETCD_PASSWORD of a user that may read and write ETCD_PREFIX.',
        ),
      ];
    // A writer there decides which processes are called; certificates keep them from answering.
    if ((await listAs(undefined)) === 'listed')
      return [warn('etcd serves clients without a password. Run: etcdctl auth enable, and set ETCD_USER.')];
    return [ok('etcd responds, and refuses clients without a password')];
  } catch (error) {
    return [fail(`etcd does not respond: ${firstMessage(error)}. Start it, or correct ETCD_ENDPOINTS.`)];
  }
}
