// @module-tag settings
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPolicy, type Stage, stage } from '../attacks/support.ts';
import { hasBrowser, startBrowser } from '../support/browser.ts';

/** A site whose pages call the API. */
async function site(): Promise<{ readonly server: Server; readonly origin: string }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Shop</title>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe.runIf(hasBrowser())('in a browser', () => {
  let browser: Browser;
  let [shop, stranger]: Awaited<ReturnType<typeof site>>[] = [];
  let on: Stage;
  let policyId: string;
  beforeAll(async () => {
    [shop, stranger] = [await site(), await site()];
    on = await stage({ corsOrigins: [shop.origin] });
    policyId = await openPolicy(on);
    browser = await startBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await on?.stop();
    for (const each of [shop, stranger]) each?.server.close();
  });

  async function pageOf(origin: string | undefined): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(`${origin}/`);
    return page;
  }
  interface Asked {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  }
  /** What a page gets of a response; `blocked` when the browser keeps it from the page. */
  const ask = (page: Page, { method, path, headers = {}, body }: Asked) =>
    page.evaluate(
      async ([url, init]) => {
        try {
          const response = await fetch(url as string, init as RequestInit);
          const names = ['retry-after', 'idempotent-replayed', 'ratelimit', 'www-authenticate'];
          const shown = names.filter((name) => response.headers.has(name));
          return [response.status, (await response.text()).length > 0, shown];
        } catch {
          return 'blocked';
        }
      },
      [on.url + path, { method, headers, ...(body === undefined ? {} : { body }) }] as const,
    );

  it('a page of a listed origin issues a coupon with a token and a key, and reads the replay and the refusals', async () => {
    const page = await pageOf(shop?.origin);
    const headers = {
      authorization: `Bearer ${on.token('7001')}`,
      'idempotency-key': 'page-1',
      'content-type': 'application/json',
    };
    const path = `/api/v1/coupons/policies/${policyId}/issue`;
    const issue = { method: 'POST', path, headers, body: '{}' };
    expect(await ask(page, issue)).toEqual([201, true, []]);
    expect(await ask(page, issue)).toEqual([201, true, ['idempotent-replayed']]);
    const anonymous = { ...issue, headers: { 'content-type': 'application/json' } };
    expect(await ask(page, anonymous)).toEqual([401, true, ['www-authenticate']]);
    expect(await ask(page, { method: 'GET', path: '/api/v1/products' })).toEqual([200, true, []]);
    const other = { method: 'PATCH', path: '/api/v1/auth/profile', headers, body: '{"name":"Ada"}' };
    expect(await ask(page, other)).toEqual([404, true, []]);
    await page.close();
  });

  it('a page of another origin sends no request that needs a preflight, and reads nothing', async () => {
    const page = await pageOf(stranger?.origin);
    const headers = { authorization: `Bearer ${on.token('7002')}`, 'content-type': 'application/json' };
    const path = `/api/v1/coupons/policies/${policyId}/issue`;
    expect(await ask(page, { method: 'POST', path, headers, body: '{}' })).toBe('blocked');
    expect(await ask(page, { method: 'GET', path: '/api/v1/products' })).toBe('blocked');
    const issued = await on.call('GET', `/api/v1/coupons/policies/${policyId}/issued`, { token: on.token('7002') });
    expect(issued.body).toBe(false);
    await page.close();
  });

  it('the page of the documentation shows every operation under its Content-Security-Policy', async () => {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    const response = await page.goto(`${on.url}/api/docs`);
    expect(response?.headers()['content-security-policy']).toMatch(/default-src 'none'; script-src 'self';/);
    await page.waitForSelector('.opblock');
    // It renders the operations that are in view, and removes others.
    const shown = new Set<string>();
    const { paths } = (await (await fetch(`${on.url}/api/openapi.json`)).json()) as { paths: Record<string, object> };
    const operations = Object.values(paths).flatMap((path) => Object.keys(path)).length;
    for (let turns = 0; shown.size < operations && turns < 500; turns++) {
      for (const id of await page.locator('.opblock').evaluateAll((blocks) => blocks.map((each) => each.id)))
        shown.add(id);
      await page.mouse.wheel(0, 400);
      await sleep(20);
    }
    expect(shown.size).toBe(operations);
    expect(complaints).toEqual([]);
    await page.close();
  });
});
