import { expect, it } from 'vitest';
import { parseRedisUrl } from './redis-url.ts';

const PLAIN = { isEncrypted: false, user: undefined, password: undefined, database: 0 };
const SINGLE = { kind: 'SINGLE' };

it.each([
  ['redis://127.0.0.1', { ...PLAIN, topology: SINGLE, hosts: [{ host: '127.0.0.1', port: 6379 }] }],
  [
    'rediss://app:p%40ss@cache.example.com:6380/2',
    {
      topology: SINGLE,
      hosts: [{ host: 'cache.example.com', port: 6380 }],
      isEncrypted: true,
      user: 'app',
      password: 'p@ss',
      database: 2,
    },
  ],
  [
    'redis://:secret@[::1]:7000/',
    { ...PLAIN, topology: SINGLE, hosts: [{ host: '::1', port: 7000 }], password: 'secret' },
  ],
  [
    'redis+sentinel://a,b:26380/shop',
    {
      ...PLAIN,
      topology: { kind: 'SENTINEL', master: 'shop' },
      hosts: [
        { host: 'a', port: 26379 },
        { host: 'b', port: 26380 },
      ],
    },
  ],
  [
    'rediss+cluster://a:7001,b:7002',
    {
      ...PLAIN,
      isEncrypted: true,
      topology: { kind: 'CLUSTER' },
      hosts: [
        { host: 'a', port: 7001 },
        { host: 'b', port: 7002 },
      ],
    },
  ],
])('the URL %s names its servers, their kind and the login', (text, expected) => {
  expect(parseRedisUrl(text)).toEqual(expected);
});

it.each([
  'http://127.0.0.1:6379',
  'redis://',
  'redis://a,b',
  'redis://a:0',
  'redis://a:70000',
  'redis://a/x',
  'redis://a/0?db=1',
  'redis+sentinel://a',
  'redis+cluster://a,b/1',
  'redis+cluster://a,,b',
  'redis://u:%E0%A4%A@a',
])('the URL %s is refused without being repeated, because it may contain a password', (text) => {
  expect(() => parseRedisUrl(text)).toThrow(/^must be redis:\/\/user:password@host:6379\/0, redis\+sentinel/);
});
