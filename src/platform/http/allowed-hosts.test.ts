import { expect, test } from 'vitest';
import { readAllowedHosts } from './allowed-hosts.ts';

const hosts = readAllowedHosts(['orders.internal', '10.20.0.0/16', '192.168.1.5', 'fd00::/8']);

test.each([
  ['10.20.3.4', 'any.example.com', true],
  ['10.21.0.1', 'any.example.com', false],
  ['10.21.0.1', 'orders.internal', true],
  ['10.21.0.1', 'ORDERS.internal', true],
  ['192.168.1.5', 'any.example.com', true],
  ['192.168.1.6', 'any.example.com', false],
  ['fd00::1', 'any.example.com', true],
  ['127.0.0.1', 'any.example.com', false],
  ['169.254.169.254', 'any.example.com', false],
  ['8.8.8.8', 'any.example.com', true],
])('docs/attacks.md 51: whether %s is reached for %s: %s', (address, host, may) => {
  expect(hosts?.mayReach(address, host)).toBe(may);
});

test('listed names, and literal addresses of listed networks, need no encryption', () => {
  const exempt = ['orders.internal', '10.20.0.1', 'fd00::1', 'shop.example.com', '10.21.0.1', '8.8.8.8'];
  expect(exempt.map((host) => hosts?.isExempt(host))).toEqual([true, true, true, false, false, false]);
});

test.each(['', '10.0.0.0/33', '10.0.0.0/x', 'https://orders', 'a b', 'UPPER', '123', 'a..b', '*'])(
  '%j is no host, address or network',
  (entry) => expect(readAllowedHosts([entry])).toBeUndefined(),
);
