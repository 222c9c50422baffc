// @module-tag settings
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as client from '../../clients/typescript/src/index.ts';
import { newEmail, openPolicy, type Stage, stage, testUsers } from '../attacks/support.ts';
import { hasBrowser, startBrowser } from '../support/browser.ts';
import { type LosingProxy, losingProxy } from './losing-proxy.ts';

/** What the bundle of the client defines in a page. */
declare const stampede: typeof client;

/** A shop with one page, which has loaded the client. */
async function startShop(): Promise<Server> {
  const { outputFiles } = await build({
    entryPoints: ['clients/typescript/src/index.ts'],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'stampede',
  });
  const page = `<!doctype html><meta charset="utf-8"><title>Shop</title><script>${outputFiles[0]?.text}</script>`;
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end(page);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe.runIf(hasBrowser())('the TypeScript client on a page of another origin', () => {
  let [browser, page, shop, on, proxy]: [Browser?, Page?, Server?, Stage?, LosingProxy?] = [];
  const userId = testUsers();
  beforeAll(async () => {
    shop = await startShop();
    // As a name, so that the page is not of a secure context, as on the network of a shop.
    const origin = `http://shop.test:${(shop.address() as AddressInfo).port}`;
    on = await stage({ corsOrigins: [origin] });
    proxy = await losingProxy(on.url);
    browser = await startBrowser(['--host-resolver-rules=MAP shop.test 127.0.0.1']);
    page = await browser.newPage();
    await page.goto(`${origin}/`);
  });
  afterAll(async () => {
    await browser?.close();
    await proxy?.stop();
    await on?.stop();
    shop?.close();
  });

  it('issues a coupon, watches the stock and lists what the user has', async () => {
    const policyId = await openPolicy(on as Stage, { maxIssueCount: 10 });
    const user = userId(1);
    const seen = await page?.evaluate(
      async ([baseUrl, token, policy, userId]) => {
        const shop = stampede.createClient({ baseUrl, credentials: { token } });
        const params = { path: { policyId: policy } };
        const stocks = [];
        for await (const { remainingStock } of shop.streams.stock(policy)) {
          if (stocks.push(remainingStock) === 2) break;
          await shop.POST('/api/v1/coupons/policies/{policyId}/issue', { params });
        }
        const { error } = await shop.POST('/api/v1/coupons/policies/{policyId}/issue', { params });
        const names = [];
        const ofUser = { params: { path: { userId } } };
        for await (const { couponName } of shop.list('/api/v1/coupons/users/{userId}', ofUser)) names.push(couponName);
        return { stocks, code: error?.code, names, isSecure: crypto.subtle !== undefined };
      },
      [(on as Stage).url, (on as Stage).token(user), policyId, user] as const,
    );
    expect(seen).toEqual({ stocks: [10, 9], code: 'COUPON_ALREADY_ISSUED', names: ['Opening day'], isSecure: false });
  });

  it('charges points once when responses are lost', async () => {
    proxy?.loseResponses(2);
    const charged = await page?.evaluate(
      async ([baseUrl, token, userId]) => {
        const shop = stampede.createClient({ baseUrl, credentials: { token }, retry: { delayMs: 1 } });
        const { data, response } = await shop.POST('/api/v1/points/charge', { body: { userId, amount: 500 } });
        return [data?.balance, response.headers.get('idempotent-replayed')];
      },
      [(proxy as LosingProxy).url, (on as Stage).token('1', 'ADMIN'), userId(2)] as const,
    );
    expect(charged).toEqual([500, 'true']);
  });

  it('keeps a session in the storage of the browser', async () => {
    const account = { email: newEmail('page'), password: 'a long enough password' };
    const json = { ...account, name: 'Ada', role: 'CUSTOMER' };
    expect((await (on as Stage).call('POST', '/api/v1/auth/signup', { json })).status).toBe(201);
    const emails = await page?.evaluate(
      async ([baseUrl, account]) => {
        const store: client.TokenStore = {
          load: () => JSON.parse(localStorage.getItem('session') ?? 'null') ?? undefined,
          save: (tokens) =>
            tokens === undefined
              ? localStorage.removeItem('session')
              : localStorage.setItem('session', JSON.stringify(tokens)),
        };
        const first = stampede.createClient({ baseUrl, credentials: { store } });
        await first.logIn(account);
        store.save({ ...((await store.load()) as client.StoredTokens), renewAtMs: 0 });
        const later = stampede.createClient({ baseUrl, credentials: { store } });
        const before = (await later.GET('/api/v1/auth/profile')).data?.email;
        await later.logOut();
        return [before, (await later.GET('/api/v1/auth/profile')).error?.code];
      },
      [(on as Stage).url, account] as const,
    );
    expect(emails).toEqual([account.email, 'UNAUTHENTICATED']);
  });
});
