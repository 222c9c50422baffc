// @module-tag settings
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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
  });
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
  interface PageRequest {
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  }
  /** What a page gets of a response; `blocked` when the browser keeps it from the page. */
  const ask = (page: Page, { method, path, headers = {}, body }: PageRequest) =>
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

  it('the page of the API asks nothing of other servers under its Content-Security-Policy, and finds and shows operations', async () => {
    const { page, complaints, foreign } = await docsPage();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('setCouponPolicyQuantity');
    await page.getByText('Set how many coupons a policy may issue').last().waitFor();
    await page.keyboard.press('Escape');
    await openOperation(page, 'Create a coupon policy');
    await page.getByText('CreateCouponPolicyRequest').first().waitFor();
    expect(await page.getByText('Powered by').isVisible()).toBe(false);
    expect([complaints, foreign]).toEqual([[], []]);
    await page.close();
  });

  it('the page of the API keeps the token, and sends each try with an Idempotency-Key of its own', async () => {
    const { page } = await docsPage();
    const token = on.token('7003', 'ADMIN');
    await page.getByPlaceholder('Token').first().fill(token);
    await openOperation(page, 'Create a coupon policy');
    const sent: Record<string, string>[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/api/v1/coupon-policies')) sent.push(request.headers());
    });
    await page
      .getByRole('button', { name: /Test Request/ })
      .first()
      .click();
    const send = page.getByRole('button', { name: /^Send/ }).first();
    for (const tries of [1, 2]) {
      const response = page.waitForResponse(/\/api\/v1\/coupon-policies$/);
      await send.click();
      expect([tries, (await response).status()]).toEqual([tries, 201]);
    }
    expect(sent.map(({ authorization }) => authorization)).toEqual([`Bearer ${token}`, `Bearer ${token}`]);
    expect(new Set(sent.map((headers) => headers['idempotency-key'])).size).toBe(2);
    await page.reload();
    // The field is there before its script has filled it.
    const shownToken = () => page.getByPlaceholder('Token').first().inputValue();
    await expect.poll(shownToken).toBe(token);
    await page.close();
  });

  /** The page of the API's document, with what its browser complains of and what it asks of other servers. */
  async function docsPage(): Promise<{ page: Page; complaints: string[]; foreign: string[] }> {
    const page = await browser.newPage();
    const [complaints, foreign]: string[][] = [[], []];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints?.push(message.text());
    });
    page.on('pageerror', (error) => complaints?.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(on.url) && !/^(data|blob):/.test(request.url())) foreign?.push(request.url());
    });
    const response = await page.goto(`${on.url}/api/docs`);
    expect(response?.headers()['content-security-policy']).toMatch(/default-src 'none'; script-src 'self';/);
    await page.getByText('Coupons on a first-come basis').first().waitFor();
    return { page, complaints: complaints ?? [], foreign: foreign ?? [] };
  }

  async function openOperation(page: Page, summary: string): Promise<void> {
    await page.locator('aside').getByText(summary, { exact: true }).first().click();
    await page.locator(`h3:has-text("${summary}")`).first().waitFor();
  }
});
