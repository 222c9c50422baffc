import { describe, expect, it } from 'vitest';
import { principalKey, publicKeyText } from '../platform/grpc/principal-tokens.ts';
import { readSettings } from './config.ts';
import { PARTS } from './parts.ts';
import { settingsFor } from './target-settings.ts';
import { callsOf, readTarget, remotesOf } from './targets.ts';

const BASE = {
  KAFKA_BROKERS: '127.0.0.1:9092',
  JWT_SECRET: 'k'.repeat(32),
  PAYMENT_PROVIDER: 'none',
  DATABASE_URL: 'postgres://localhost/all',
  PAYMENT_EVENT_KEYS: `stampede:${Buffer.alloc(32, 1).toString('base64')}`,
};
const NO_PAYMENTS = { paymentProvider: 'none' } as const;
const problemsOf = (target: string, env: Readonly<Record<string, string>>): string => {
  try {
    settingsFor(readTarget(target), readSettings(env));
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

it('--target names parts of the program, or all of them', () => {
  expect(readTarget('all').isComplete).toBe(true);
  expect(readTarget(PARTS.join(',')).isComplete).toBe(true);
  expect([...readTarget('coupon, point').parts]).toEqual(['coupon', 'point']);
  expect(() => readTarget('cupon')).toThrow('--target cupon is no part of the program');
  expect(() => readTarget('cupon')).toThrow('The nearest is coupon.');
  expect(() => readTarget('')).toThrow('is no part of the program');
});

it('a process calls in others what its parts need and it does not host', () => {
  expect(remotesOf(readTarget('order'), NO_PAYMENTS)).toEqual(['store', 'coupon', 'point']);
  expect(remotesOf(readTarget('order,coupon,point,store'), NO_PAYMENTS)).toEqual([]);
  expect(remotesOf(readTarget('identity'), NO_PAYMENTS)).toEqual([]);
  expect(remotesOf(readTarget('gateway,coupon'), NO_PAYMENTS)).toEqual(
    callsOf('gateway').filter((name) => name !== 'coupon'),
  );
});

it('a process with point calls order in another process when the sandbox takes payments', () => {
  expect(remotesOf(readTarget('point'), NO_PAYMENTS)).toEqual([]);
  expect(remotesOf(readTarget('point'), { paymentProvider: 'sandbox' })).toEqual(['order']);
  expect(remotesOf(readTarget('point,order'), { paymentProvider: 'sandbox' })).not.toContain('order');
  expect(remotesOf(readTarget('coupon'), { paymentProvider: 'sandbox' })).toEqual(['store']);
  expect(problemsOf('point', { ...BASE, PAYMENT_PROVIDER: 'sandbox' })).toContain(
    'Set ORDER_ADDRESS=host:port, or ETCD_ENDPOINTS.',
  );
});

it('a process that hosts everything needs nothing, as before', () => {
  expect(problemsOf('all', {})).toBe('');
  expect(settingsFor(readTarget('all'), readSettings({})).databaseUrl).toBeUndefined();
});

it('a context with a database of its own has the read replica of that one, or none', () => {
  const env = {
    ...BASE,
    READ_DATABASE_URL: 'postgres://replica/all',
    POINT_DATABASE_URL: 'postgres://localhost/point',
    STORE_DATABASE_URL: 'postgres://localhost/store',
    STORE_READ_DATABASE_URL: 'postgres://replica/store',
  };
  const replicaOf = (target: string) => settingsFor(readTarget(target), readSettings(env)).ways.READ_DATABASE_URL;
  expect(replicaOf('identity')).toBe('postgres://replica/all');
  expect(replicaOf('point')).toBeUndefined();
  expect(replicaOf('store')).toBe('postgres://replica/store');
});

it('a process has one read replica', () => {
  const { DATABASE_URL } = BASE;
  const env = { DATABASE_URL, READ_DATABASE_URL: 'postgres://a/all', COUPON_READ_DATABASE_URL: 'postgres://b/all' };
  expect(problemsOf('all', env)).toBe(
    'This process has several of READ_DATABASE_URL. Set one for all of its contexts, or set --target.',
  );
});

it('a process that serves gRPC has no workers, and others have', () => {
  const env = { ...BASE, WORKERS: '2', STORE_ADDRESS: '127.0.0.1:50054' };
  for (const target of ['coupon', 'point', 'gateway,identity'])
    expect(problemsOf(target, env)).toContain('serves other processes, which keep a connection to one process each.');
  expect(problemsOf('gateway', env)).not.toContain('serves other processes');
  expect(problemsOf('all', { WORKERS: '2' })).toBe('');
});

describe('a process that does not host everything', () => {
  it('takes the database of its part', () => {
    const env = { ...BASE, POINT_DATABASE_URL: 'postgres://localhost/point' };
    expect(settingsFor(readTarget('point'), readSettings(env)).databaseUrl).toBe('postgres://localhost/point');
    expect(settingsFor(readTarget('store'), readSettings(env)).databaseUrl).toBe('postgres://localhost/all');
  });

  it.each([
    ['KAFKA_BROKERS', 'needs Kafka'],
    ['JWT_SECRET', 'needs JWT_SECRET'],
    ['DATABASE_URL', 'Set DATABASE_URL or POINT_DATABASE_URL.'],
  ])('is refused without %s', (name, problem) => {
    expect(problemsOf('point', BASE)).toBe('');
    expect(problemsOf('point', { ...BASE, [name]: '' })).toContain(problem);
  });

  it('works without JWT_SECRET when it has what follows from it, unless it signs or checks access tokens', () => {
    const { JWT_SECRET: _, ...base } = BASE;
    const GATEWAY_PUBLIC_KEY = publicKeyText(principalKey('k'.repeat(32)));
    const env = { ...base, SERVICE_SECRET: 's'.repeat(32), GATEWAY_PUBLIC_KEY, STORE_ADDRESS: '127.0.0.1:1' };
    for (const NODE_ENV of ['development', 'production']) {
      expect(problemsOf('point', { ...env, NODE_ENV })).toBe('');
      expect(problemsOf('coupon', { ...env, NODE_ENV, REDEMPTION_SECRET: 'r'.repeat(32) })).toBe('');
      const withSecret = { IDENTITY_ADDRESS: '127.0.0.1:2', WEBHOOK_ENCRYPTION_SECRET: 'w'.repeat(32) };
      expect(problemsOf('webhook', { ...env, NODE_ENV, ...withSecret })).toBe('');
      const withMail = {
        STORE_ADDRESS: '127.0.0.1:1',
        ...Object.fromEntries(
          ['IDENTITY', 'COUPON', 'POINT', 'ORDER'].map((name, index) => [`${name}_ADDRESS`, `127.0.0.1:${2 + index}`]),
        ),
        SMTP_URL: 'smtp://mail.example.com',
        MAIL_FROM: 'shop@example.com',
        STAMPEDE_PUBLIC_URL: 'https://shop.example.com',
      };
      expect(problemsOf('notification', { ...env, ...withMail, NODE_ENV })).toContain('MAIL_LINK_SECRET');
      expect(problemsOf('notification', { ...env, ...withMail, NODE_ENV, MAIL_LINK_SECRET: 'm'.repeat(32) })).toBe('');
      for (const target of ['coupon', 'webhook', 'identity', 'gateway', 'point,identity']) {
        expect(problemsOf(target, { ...env, NODE_ENV })).toContain('needs JWT_SECRET');
      }
    }
    expect(problemsOf('all', { ...env, NODE_ENV: 'production' })).toContain('needs JWT_SECRET');
    for (const name of ['SERVICE_SECRET', 'GATEWAY_PUBLIC_KEY']) {
      expect(problemsOf('point', { ...env, [name]: '' })).toContain('needs JWT_SECRET');
      expect(() => readSettings({ ...env, [name]: 'short' })).toThrow(name);
    }
  });

  it('is refused without the address of a context that it calls', () => {
    expect(problemsOf('coupon', BASE)).toBe(
      '--target coupon calls store in another process. Set STORE_ADDRESS=host:port, or ETCD_ENDPOINTS.',
    );
    expect(problemsOf('coupon', { ...BASE, STORE_ADDRESS: '127.0.0.1:50054' })).toBe('');
  });

  it('is refused an address on another machine unless calls are encrypted', () => {
    for (const address of ['10.0.0.7:50051', 'store:50051', '127.0.0.1.example.com:50051', '[::2]:50051']) {
      expect(problemsOf('coupon', { ...BASE, STORE_ADDRESS: address })).toContain('is not on this machine');
      const files = { GRPC_CERT: 'cert.pem', GRPC_KEY: 'key.pem', GRPC_CA: 'ca.pem' };
      expect(problemsOf('coupon', { ...BASE, ...files, STORE_ADDRESS: address, GRPC_HOST: '0.0.0.0' })).toBe('');
    }
    for (const address of ['127.0.0.1:50051,10.0.0.7:50051', 'dns:10.0.0.7:50051']) {
      expect(problemsOf('coupon', { ...BASE, STORE_ADDRESS: address })).toContain(
        'STORE_ADDRESS=10.0.0.7:50051 is not',
      );
    }
  });

  it('listens to other machines only with certificates, and takes all three files or none', () => {
    for (const host of ['127.0.0.1', 'localhost', '::1'])
      expect(problemsOf('point', { ...BASE, GRPC_HOST: host })).toBe('');
    expect(problemsOf('point', { ...BASE, GRPC_HOST: '0.0.0.0' })).toContain(
      'GRPC_HOST=0.0.0.0 serves other machines.',
    );
    expect(problemsOf('point', { ...BASE, GRPC_HOST: '0.0.0.0', GRPC_CERT: 'cert.pem', GRPC_KEY: 'key.pem' })).toBe(
      'GRPC_CERT, GRPC_KEY and GRPC_CA belong together. Set all three.\nGRPC_HOST=0.0.0.0 serves other machines. Set GRPC_CERT, GRPC_KEY and GRPC_CA, or leave it out.',
    );
  });

  it('needs no address with etcd, but one of its own that others can call', () => {
    const env = { ...BASE, ETCD_ENDPOINTS: '127.0.0.1:2379' };
    expect(problemsOf('coupon', env)).toBe('');
    expect(problemsOf('coupon', { ...env, GRPC_ADVERTISE: '10.0.0.7:50051' })).toContain(
      'GRPC_ADVERTISE=10.0.0.7:50051 is not on this machine. Set GRPC_CERT',
    );
    const files = { GRPC_CERT: 'cert.pem', GRPC_KEY: 'key.pem', GRPC_CA: 'ca.pem' };
    expect(problemsOf('coupon', { ...env, ...files, GRPC_HOST: '0.0.0.0' })).toContain(
      'Set GRPC_ADVERTISE=host:port, where they reach this process.',
    );
    expect(problemsOf('coupon', { ...env, ...files, GRPC_HOST: '0.0.0.0', GRPC_ADVERTISE: '10.0.0.7:1' })).toBe('');
  });

  it('needs a key of its own for payment events where it writes or handles them, and nowhere else', () => {
    const { PAYMENT_EVENT_KEYS: _key, ...without } = BASE;
    const env = { ...without, SERVICE_SECRET: 's'.repeat(32), ETCD_ENDPOINTS: '127.0.0.1:2379' };
    const advice = 'Set PAYMENT_EVENT_KEYS=stampede: followed by the output of: openssl rand -base64 32';
    const other = `bank:${Buffer.alloc(32, 2).toString('base64')}`;
    for (const part of PARTS) {
      const needsKey = part === 'order' || part === 'coupon';
      for (const given of [env, { ...env, PAYMENT_EVENT_KEYS: other }])
        expect([part, problemsOf(part, given).includes(advice)]).toEqual([part, needsKey]);
      expect(problemsOf(part, { ...env, PAYMENT_EVENTS: 'trust-acl' })).toBe('');
    }
    const { DATABASE_URL: _url, ...complete } = env;
    expect(problemsOf('all', complete)).toBe('');
  });

  it('is refused several databases', () => {
    const env = { ...BASE, POINT_DATABASE_URL: 'postgres://localhost/point' };
    expect(problemsOf('point,store', env)).toContain('has several databases');
  });

  it('may have a time that administrators move', () => {
    expect(problemsOf('point', { ...BASE, STAMPEDE_SANDBOX: 'on' })).toBe('');
  });

  it('needs to know how the sandbox of payments reaches the gateway', () => {
    const addresses = { STORE_ADDRESS: '[::1]:1', COUPON_ADDRESS: 'localhost:2', POINT_ADDRESS: '127.0.0.1:3' };
    const env = { ...BASE, ...addresses, PAYMENT_PROVIDER: 'sandbox' };
    const problems = problemsOf('order', env);
    expect(problems).toContain('needs PAYMENT_WEBHOOK_SECRET');
    expect(problems).toContain('needs GATEWAY_URL');
    const known = {
      ...env,
      PAYMENT_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 1).toString('base64')}`,
      GATEWAY_URL: 'http://127.0.0.1:4000',
    };
    expect(problemsOf('order', known)).toBe('');
  });
});

it('a process that hosts everything has one database', () => {
  expect(problemsOf('all', { ...BASE, COUPON_DATABASE_URL: 'postgres://localhost/coupon' })).toContain(
    'COUPON_DATABASE_URL is for a process that does not host every part: a process has one database. Set --target coupon here',
  );
});

describe('a context with several shards', () => {
  const ADDRESSES = Object.fromEntries(
    ['IDENTITY', 'STORE', 'COUPON', 'POINT', 'ORDER', 'STATISTICS'].map((name) => [`${name}_ADDRESS`, '127.0.0.1:1']),
  );
  const SHARDS = { ...BASE, ...ADDRESSES, COUPON_SHARDS: '2' };

  it.each([
    ['coupon', { SHARD: '0' }, ''],
    ['coupon', { SHARD: '1' }, ''],
    ['coupon', { SHARD: '1', COUPON_ADDRESS: '' }, 'calls shard 0. Set COUPON_ADDRESS=host:port'],
    ['coupon', {}, 'Set SHARD to its number, from 0 to 1.'],
    ['coupon', { SHARD: '2' }, 'Set SHARD to its number, from 0 to 1.'],
    ['coupon,store', { SHARD: '0' }, 'Set --target coupon alone.'],
    ['store', { SHARD: '0' }, 'Leave it out for --target store.'],
    ['coupon', { SHARD: '1', COUPON_SHARDS: '' }, 'Leave it out for --target coupon, or set COUPON_SHARDS as'],
    ['all', {}, 'COUPON_SHARDS is for a process that does not host every part.'],
    ['order', {}, 'Set COUPON_SHARD_ADDRESSES to where the others are, or ETCD_ENDPOINTS.'],
    ['order', { COUPON_SHARD_ADDRESSES: '127.0.0.1:2' }, ''],
    ['order', { COUPON_SHARD_ADDRESSES: '10.0.0.7:2' }, 'is not on this machine'],
    ['order', { COUPON_SHARD_ADDRESSES: '127.0.0.1:2 127.0.0.1:3' }, 'has 2 addresses. Set 1'],
    ['point', {}, ''],
  ])('--target %s with %o is refused where a shard is missing: %s', (target, changes, problem) => {
    const found = problemsOf(target, { ...SHARDS, ...changes });
    if (problem === '') expect(found).toBe('');
    else expect(found).toContain(problem);
  });

  it.each([
    ['2', [{ sinceMs: 0, shards: 2 }]],
    [
      '2@2026-12-01T00:00:00Z,4@2027-03-01T00:00:00Z',
      [
        { sinceMs: Date.UTC(2026, 11, 1), shards: 2 },
        { sinceMs: Date.UTC(2027, 2, 1), shards: 4 },
      ],
    ],
  ])('COUPON_SHARDS=%s is read with its times', (text, eras) => {
    expect(readSettings({ COUPON_SHARDS: text }).shards.of.coupon?.eras).toEqual(eras);
  });

  it.each(['0', '9', 'two', '2@soon', '3,2', '2@2027-01-01T00:00:00Z,3@2026-01-01T00:00:00Z', '2,3'])(
    'COUPON_SHARDS=%s is refused',
    (text) => {
      expect(() => readSettings({ COUPON_SHARDS: text })).toThrow('COUPON_SHARDS');
    },
  );

  it.each(['2@2027-01-01T00:00:00Z', '2,3', '2@2027-01-01T00:00:00Z,3@2028-01-01T00:00:00Z'])(
    'POINT_SHARDS=%s is refused, because accounts do not move',
    (text) => {
      expect(() => readSettings({ POINT_SHARDS: text })).toThrow(
        /POINT_SHARDS=.* must be one number without times: the account of a user stays in the shard/,
      );
    },
  );

  it('POINT_SHARDS is one number', () => {
    expect(readSettings({ POINT_SHARDS: '3' }).shards.of.point?.eras).toEqual([{ sinceMs: 0, shards: 3 }]);
    expect(() => readSettings({ POINT_SHARDS: '9' })).toThrow('POINT_SHARDS="9" must be 1 to 8.');
  });

  it('one shard is a context without shards', () => {
    expect(readSettings({ COUPON_SHARDS: '1' }).shards.of).toEqual({});
  });
});
