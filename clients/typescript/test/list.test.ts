import { afterEach, expect, it } from 'vitest';
import { createClient, StampedeError } from '../src/index.ts';
import { type LocalServer, localServer, sendJson, sendProblem } from './local-server.ts';

let server: LocalServer;
afterEach(() => server.stop());

const PATH = '/api/v1/coupons/users/{userId}';
const OPTIONS = { params: { path: { userId: '7' }, query: { limit: 2 } } };

/** Two pages with three coupons. */
async function twoPages() {
  server = await localServer((response, { path }) => {
    const isSecond = path.includes('cursor=');
    const coupons = isSecond ? [{ couponId: '3' }] : [{ couponId: '1' }, { couponId: '2' }];
    sendJson(response, 200, { coupons, nextCursor: isSecond ? null : 'a/b', hasMore: !isSecond });
  });
  return createClient({ baseUrl: server.url, credentials: { apiKey: 'key' } });
}

it('a list gives the items of all pages', async () => {
  const client = await twoPages();
  const ids: string[] = [];
  for await (const { couponId } of client.list(PATH, OPTIONS)) ids.push(couponId);
  expect(ids).toEqual(['1', '2', '3']);
  const base = '/api/v1/coupons/users/7?limit=2';
  expect(server.received.map(({ path }) => path)).toEqual([base, `${base}&cursor=a%2Fb`]);
});

it('a list reads no page that nobody needs', async () => {
  const client = await twoPages();
  for await (const _ of client.list(PATH, OPTIONS)) break;
  expect(server.received).toHaveLength(1);
});

it('a list that is refused rejects with the problem', async () => {
  server = await localServer((response) => sendProblem(response, 404, 'NOT_FOUND'));
  const client = createClient({ baseUrl: server.url, credentials: { apiKey: 'key' } });
  const failure = await client
    .list(PATH, OPTIONS)
    .next()
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StampedeError);
  expect(failure).toMatchObject({ problem: { code: 'NOT_FOUND' }, message: 'NOT_FOUND: NOT_FOUND' });
});
