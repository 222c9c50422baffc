import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { clientAddress, networkOf, type TrustProxy, trustOf } from './client-address.ts';

const addressOf = (trust: TrustProxy | undefined, peer: string, forwardedFor?: string): string =>
  clientAddress(trustOf(trust))({
    socket: { remoteAddress: peer },
    headers: forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor },
  } as unknown as IncomingMessage);

describe('the address of a client', () => {
  it('is that of the connection while no proxy is trusted', () => {
    expect(addressOf(undefined, '192.0.2.1', '203.0.113.7')).toBe('192.0.2.1');
  });

  it.each([
    ['loopback', '127.0.0.1'],
    ['loopback', '::1'],
    ['loopback', '::ffff:127.0.0.1'],
    ['192.0.2.0/24', '192.0.2.9'],
    ['2001:db8::/32', '2001:db8:1::1'],
    ['uniquelocal', '10.1.2.3'],
    ['linklocal', '169.254.0.1'],
  ])('is what a proxy of the network %s with address %s says', (network, peer) => {
    expect(addressOf([network], peer, '203.0.113.7')).toBe('203.0.113.7');
  });

  it('is that of the connection when the peer is no trusted proxy, whatever its headers say', () => {
    expect(addressOf(['loopback'], '192.0.2.1', '203.0.113.7, 127.0.0.1')).toBe('192.0.2.1');
  });

  it('is the last one that no trusted proxy has, so that a client cannot put another one before it', () => {
    expect(addressOf(['loopback', '10.0.0.0/8'], '127.0.0.1', '1.1.1.1, 203.0.113.7, 10.0.0.2')).toBe('203.0.113.7');
    expect(addressOf(2, '127.0.0.1', '1.1.1.1, 203.0.113.7, 10.0.0.2')).toBe('203.0.113.7');
    expect(addressOf(1, '127.0.0.1', '1.1.1.1, 203.0.113.7')).toBe('203.0.113.7');
  });

  it.each([[['nonsense']], [['10.0.0.0/99']], [['']], [0]])('cannot be found by the setting %j', (setting) => {
    expect(() => trustOf(setting as TrustProxy)).toThrow(TypeError);
  });
});

describe('the bucket of an address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:0001:2::ffff', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0:8000::', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['a forged text', 'unknown'],
    ['', 'unknown'],
  ])('of %s is %s', (address, bucket) => {
    expect(networkOf(address)).toBe(bucket);
  });
});
