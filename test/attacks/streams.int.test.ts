// @module-tag settings
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIMITS, openPolicy, type Stage, stage, until } from './support.ts';

let on: Stage;
let path: string;
beforeAll(async () => {
  on = await stage({
    rateLimit: true,
    trustProxy: ['loopback'],
    limits: { ...LIMITS, principal: 1_000, streams: { principal: 3, address: 5 } },
  });
  path = `/api/v1/coupons/policies/${await openPolicy(on)}/stock/stream`;
});
afterAll(() => on?.stop());

interface Opened {
  readonly status: number;
  close(): Promise<void>;
}
async function open(address: string, token?: string): Promise<Opened> {
  const leaving = new AbortController();
  const headers = { 'x-forwarded-for': address, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const response = await fetch(on.url + path, { headers, signal: leaving.signal });
  return {
    status: response.status,
    async close() {
      leaving.abort();
      await response.body?.cancel().catch(() => undefined);
    },
  };
}
async function openAll(count: number, from: (place: number) => readonly [address: string, token?: string]) {
  const opened: Opened[] = [];
  for (let place = 0; place < count; place++) opened.push(await open(...from(place)));
  return { opened, statuses: opened.map(({ status }) => status) };
}
const closeAll = (opened: readonly Opened[]) => Promise.all(opened.map((each) => each.close()));

describe('docs/attacks.md 70: streams', () => {
  it('an address has as many as its limit, and a place is free again when one ends', async () => {
    const { opened, statuses } = await openAll(7, () => ['203.0.113.1']);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    const other = await open('203.0.113.2');
    expect(other.status).toBe(200);
    await opened[0]?.close();
    await until(async () => {
      const next = await open('203.0.113.1');
      await next.close();
      return next.status === 200;
    });
    await closeAll([...opened, other]);
  });

  it('a user has as many as the limit of users from all addresses together', async () => {
    const { opened, statuses } = await openAll(5, (place) => [`203.0.113.${10 + place}`, on.token('7001')]);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    const other = await open('203.0.113.10', on.token('7002'));
    expect(other.status).toBe(200);
    await closeAll([...opened, other]);
  });

  it('a machine has as many as an address', async () => {
    const token = on.token('8', 'SERVICE', 'coupons:read');
    const { opened, statuses } = await openAll(7, (place) => [`203.0.113.${30 + place}`, token]);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    await closeAll(opened);
  });

  it('streams of notices and of stocks have the same places', async () => {
    const notices = async () => {
      const headers = { 'x-forwarded-for': '203.0.113.40', authorization: `Bearer ${on.token('7003')}` };
      const leaving = new AbortController();
      const { status } = await fetch(`${on.url}/api/v1/notifications/stream`, { headers, signal: leaving.signal });
      return { status, close: async () => leaving.abort() };
    };
    const opened = [await notices(), await open('203.0.113.41', on.token('7003')), await notices(), await notices()];
    expect(opened.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    await closeAll(opened);
  });

  it('a stream that is refused takes no place', async () => {
    const unknown = path.replace(/policies\/\d+/, 'policies/999');
    for (let count = 0; count < 8; count++) {
      const { status } = await on.call('GET', unknown, { headers: { 'x-forwarded-for': '203.0.113.50' } });
      expect(status).toBe(404);
    }
    const { opened, statuses } = await openAll(5, () => ['203.0.113.50']);
    expect(statuses).toEqual([200, 200, 200, 200, 200]);
    await closeAll(opened);
  });
});
