import { expect, it } from 'vitest';
import { PARTS } from '../../src/app/parts.ts';
import { readOptions } from './options.ts';
import { environmentOf, planCluster, type Shared } from './plan.ts';

const noFreePort = () => Promise.reject(new Error('a port was chosen'));
const planOf = async (...args: string[]) => {
  const options = readOptions(args);
  if (options === undefined) throw new Error('no options');
  return await planCluster(options, noFreePort);
};
const urls = (kind: string) =>
  Object.fromEntries(PARTS.map((part) => [part, `${kind} of ${part}`])) as Shared['databases'];
const SHARED: Shared = {
  env: {
    PATH: '/bin',
    PAYMENT_EVENT_KEYS: 'bank:key',
    STAMPEDE_SANDBOX: 'on',
    PORT: '9',
    COUPON_ADDRESS: 'elsewhere:1',
    DATABASE_URL: 'postgres://all',
    TRUST_PROXY: '2',
  },
  url: 'http://127.0.0.1:4000',
  dataDir: '/data',
  brokers: '127.0.0.1:9092',
  topicPrefix: undefined,
  etcd: { endpoints: '127.0.0.1:2379', prefix: undefined },
  redis: { url: 'redis://127.0.0.1:6379', prefix: 'shop:' },
  jwtSecret: 'jwt',
  serviceSecret: 'service',
  redemptionSecret: 'redemption',
  mailLinkSecret: 'links',
  webhookEncryptionSecret: 'webhooks',
  gatewayPublicKey: 'key',
  webhookSecret: 'whsec',
  paymentEventKeys: 'stampede:key',
  shards: 1,
  databases: urls('program'),
  migrations: urls('owner'),
};

it('coupon has port 3001, point 3002 and order 3003, further instances follow, and the gateways are behind port 4000', async () => {
  const { port, instances } = await planOf();
  expect(port).toBe(4000);
  expect(Object.fromEntries(instances.map(({ name, httpPort, grpcPort }) => [name, [httpPort, grpcPort]]))).toEqual({
    'coupon-1': [3001, 50051],
    point: [3002, 50052],
    order: [3003, 50053],
    identity: [3004, 50054],
    store: [3005, 50055],
    statistics: [3006, 50056],
    notification: [3007, 50057],
    webhook: [3008, 50058],
    'coupon-2': [3009, 50059],
    'gateway-1': [4001, 0],
    'gateway-2': [4002, 0],
  });
});

it('ports and the numbers of instances can be chosen', async () => {
  const { port, instances } = await planOf(
    '--port=5000',
    '--ops-port',
    '7000',
    '--instances',
    'coupon=1, point=2,gateway=1',
  );
  expect(port).toBe(5000);
  expect(instances.map(({ name }) => name)).toEqual([
    'coupon',
    'point-1',
    'order',
    'identity',
    'store',
    'statistics',
    'notification',
    'webhook',
    'point-2',
    'gateway',
  ]);
  expect(instances[0]?.httpPort).toBe(7000);
});

it('0 chooses free ports', async () => {
  const options = readOptions(['--port=0', '--ops-port=0', '--grpc-port=0', '--gateway-port=0']);
  let next = 100;
  const { port, instances } = await planCluster(options ?? expect.unreachable(), async () => next++);
  const ports = [
    port,
    ...instances.flatMap(({ part, httpPort, grpcPort }) => (part === 'gateway' ? [httpPort] : [httpPort, grpcPort])),
  ];
  expect(ports.toSorted((a, b) => a - b)).toEqual(ports.map((_, index) => 100 + index));
});

it.each([
  [['--ports=1'], '--ports'],
  [['--port=x'], '--port x is no port'],
  [['--port=65536'], 'from 0 to 65535'],
  [['--instances=cupon=1'], 'Parts: gateway'],
  [['--instances=coupon=0'], 'must be a part and 1 to 9'],
  [['--balancer=envoy'], 'Give haproxy or nginx'],
])('%j is refused with what to do', (args, problem) => {
  expect(() => readOptions(args)).toThrow(problem);
});

it('a process has its own ports and database, finds the others in etcd alone, and has the variables of the command', async () => {
  const plan = await planOf();
  const [coupon] = plan.instances;
  const env = environmentOf(coupon ?? expect.unreachable(), SHARED);
  expect(env).toMatchObject({
    PATH: '/bin',
    STAMPEDE_SANDBOX: 'on',
    TRUST_PROXY: '2',
    PORT: '3001',
    GRPC_PORT: '50051',
    ETCD_ENDPOINTS: '127.0.0.1:2379',
    REDIS_URL: 'redis://127.0.0.1:6379',
    REDIS_PREFIX: 'shop:',
    COUPON_DATABASE_URL: 'program of coupon',
    MIGRATION_DATABASE_URL: 'owner of coupon',
    GATEWAY_URL: 'http://127.0.0.1:4000',
  });
  const gateway = plan.instances.find(({ part }) => part === 'gateway') ?? expect.unreachable();
  expect([environmentOf(gateway, SHARED)['JWT_SECRET'], env['JWT_SECRET']]).toEqual(['jwt', undefined]);
  expect(Object.keys(env).filter((name) => name.endsWith('_ADDRESS'))).toEqual([]);
  for (const instance of plan.instances) {
    const own = environmentOf(instance, SHARED);
    const { part } = instance;
    expect([part, own['PAYMENT_EVENT_KEYS'], own['PAYMENT_WEBHOOK_SECRET']]).toEqual([
      part,
      part === 'order' || part === 'coupon' ? 'stampede:key' : undefined,
      part === 'order' || part === 'gateway' ? 'whsec' : undefined,
    ]);
  }
  expect(Object.keys(env)).not.toContain('DATABASE_URL');
  expect(Object.keys(env)).not.toContain('ORDER_DATABASE_URL');
});

it('each further shard has processes and a database of its own, and every process knows how many there are', async () => {
  const { instances } = await planOf('--shards=2', '--instances=coupon=2');
  const sharded = instances.filter(({ shard }) => shard > 0);
  expect(sharded.map(({ name, shard }) => [name, shard])).toEqual([
    ['coupon.1-1', 1],
    ['coupon.1-2', 1],
    ['point.1', 1],
  ]);
  const postgres = (login: string) =>
    Object.fromEntries(PARTS.map((part) => [part, `postgres://${login}@db/stampede_${part}`])) as Shared['databases'];
  const shared = { ...SHARED, shards: 2, databases: postgres('program'), migrations: postgres('owner') };
  expect(environmentOf(sharded[0] ?? expect.unreachable(), shared)).toMatchObject({
    SHARD: '1',
    COUPON_SHARDS: '2',
    POINT_SHARDS: '2',
    COUPON_DATABASE_URL: 'postgres://program@db/stampede_coupon_1',
    MIGRATION_DATABASE_URL: 'postgres://owner@db/stampede_coupon_1',
  });
  const order = instances.find(({ part }) => part === 'order') ?? expect.unreachable();
  expect(environmentOf(order, shared)).toMatchObject({ COUPON_SHARDS: '2' });
  expect(environmentOf(order, shared)['SHARD']).toBeUndefined();
});
