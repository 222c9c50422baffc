import type { PlantedBug } from './bugs.ts';

const GUARD_TEST = ['tools/cluster/guard.test.ts'];

/** The cluster on one machine: tools/cluster. */
export const CLUSTER_BUGS: readonly PlantedBug[] = [
  {
    name: 'cluster: processes survive a supervisor that is killed',
    file: 'tools/cluster/guard.ts',
    within: 'startGuard',
    search: 'watch(pid, signal) { watched.set(pid, signal); write(`+ ${pid} ${signal}`);',
    replace: 'watch(pid, signal) { watched.set(pid, signal);',
    tests: GUARD_TEST,
    only: 'the guard ends what it watches',
  },
  {
    name: 'cluster: the guard ends a process that the supervisor has given up',
    file: 'tools/cluster/guard.ts',
    within: 'startGuard',
    search: 'write(`- ${pid}`);',
    replace: '',
    tests: GUARD_TEST,
    only: 'and nothing else',
  },
  {
    name: 'cluster: a process that ended is not started again',
    file: 'tools/cluster/supervised.ts',
    within: 'supervised',
    search: 'if (!isKept)',
    replace: 'if (isKept)',
    tests: GUARD_TEST,
    only: 'a process that ends is started again once it is kept',
  },
  {
    name: 'cluster: every process works on the database of DATABASE_URL',
    file: 'tools/cluster/plan.ts',
    within: 'OWN',
    search:
      '/^(PORT|METRICS_PORT|HOST|DATABASE_URL|MIGRATION_DATABASE_URL|GRPC_(PORT|HOST)|\\w+_(DATABASE_URL|ADDRESS))$/',
    replace: '/^(PORT|METRICS_PORT|HOST|GRPC_(PORT|HOST)|\\w+_ADDRESS)$/',
    tests: ['tools/cluster/plan.test.ts'],
    only: 'a process has its own ports and database',
  },
  {
    name: 'cluster: the processes look for each other in the etcd of the command',
    file: 'tools/cluster/plan.ts',
    within: 'environmentOf',
    search: 'ETCD_ENDPOINTS: shared.etcd.endpoints,',
    replace: '',
    tests: ['tools/cluster/plan.test.ts'],
    only: 'finds the others in etcd alone',
  },
  {
    name: 'cluster: a gateway that is slow to say that it is ready counts as dead',
    file: 'tools/cluster/balancer.ts',
    within: 'haproxyText',
    search: 'timeout check 3s',
    replace: '',
    tests: ['tools/cluster/balancer.test.ts'],
    only: 'takes its time',
  },
  {
    name: 'cluster: the table hides a context of which no instance is known',
    file: 'tools/cluster/status.ts',
    within: 'callsOf',
    search: '|| known === 0',
    replace: '',
    tests: ['tools/cluster/status.test.ts'],
    only: 'the table shows',
  },
  {
    name: 'kafka: a command that Kafka refuses says to start the broker',
    file: 'src/platform/events/kafka/access.ts',
    within: 'kafkaProblem',
    search: '(await canAccess(settings))',
    replace: '(false)',
    tests: ['src/platform/events/kafka/security.int.test.ts'],
    only: 'commands that Kafka refuses',
  },
  {
    name: 'service: an image that HTTP takes is too large for gRPC',
    file: 'src/platform/grpc/limits.ts',
    within: 'MESSAGE_BYTES_MAX',
    search: '6 * 1024 * 1024',
    replace: '4 * 1024 * 1024',
    tests: ['src/gateway/uploads/image-upload.test.ts'],
    only: 'the largest image fits into a message',
  },
];
