import { expect, test } from 'vitest';
import { HOST_PORT, hostPort, isLoopback, isLoopbackHost, splitHostPort } from './host-port.ts';

test.each([
  ['localhost', 'localhost:80'],
  ['127.8.0.1', '127.8.0.1:80'],
  ['::1', '[::1]:80'],
])('the host %s is this machine, alone, in brackets and with a port', (host, address) => {
  expect(hostPort(host, 80)).toBe(address);
  expect(splitHostPort(address)).toEqual({ host, port: '80' });
  expect([isLoopbackHost(host), isLoopbackHost(`[${host}]`), isLoopback(address)]).toEqual([true, true, true]);
});

test.each(['10.0.0.1', '127.0.0.1.example.com', 'localhost.example.com', '::', '::2', '::ffff:10.0.0.1'])(
  'the host %s is not this machine',
  (host) => {
    expect([isLoopbackHost(host), isLoopback(hostPort(host, 80))]).toEqual([false, false]);
  },
);

test('the pattern of host:port takes names and addresses with a port, and nothing else', () => {
  const pattern = new RegExp(`^${HOST_PORT}$`, 'i');
  for (const address of ['a-b.example:1', '10.0.0.1:65535', '[FE80::1]:80']) expect(address).toMatch(pattern);
  for (const address of ['a', 'a:', ':80', '::1:80', 'a b:80', 'http://a:80', `${'a'.repeat(254)}:80`])
    expect(address).not.toMatch(pattern);
});
