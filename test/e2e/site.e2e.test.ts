// The site of the documents, built and looked at in a browser.
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildSite } from '../../tools/site/build-site.ts';
import { hasBrowser, startBrowser } from '../support/browser.ts';
import { openTemporaryDir } from '../support/open-temporary-dir.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};
const BUILD_MS = 5 * 60_000;
const isBrowserHere = hasBrowser();

/** As static hosts serve a site without endings in its addresses. */
function serveDirectory(directory: string): Server {
  return createServer((request, response) => {
    const path = join(directory, decodeURIComponent(new URL(request.url ?? '/', 'http://site').pathname));
    const file = [path, `${path}.html`, join(path, 'index.html')].find(
      (each) => existsSync(each) && statSync(each).isFile(),
    );
    response.writeHead(file === undefined ? 404 : 200, { 'content-type': TYPES[extname(file ?? '')] ?? 'text/plain' });
    response.end(file === undefined ? '' : readFileSync(file));
  });
}

describe('the site of the documents', () => {
  const directory = openTemporaryDir('stampede-site-');
  let built: ReturnType<typeof buildSite>;
  const requested: string[] = [];
  const complaints: string[] = [];
  let browser: Browser | undefined;
  let server: Server;
  let origin: string;
  beforeAll(async () => {
    built = buildSite(directory);
    server = serveDirectory(directory).listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    if (isBrowserHere) browser = await startBrowser();
  }, BUILD_MS);
  afterAll(async () => {
    await browser?.close();
    server?.close();
    rmSync(directory, { recursive: true });
  });

  async function open(path: string, width = 1_280): Promise<Page> {
    if (browser === undefined) throw new Error('there is no browser');
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    page.on('request', (request) => requested.push(request.url()));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${origin}${path}`, { waitUntil: 'networkidle' });
    return page;
  }

  it('the site is built, and every link in it leads to a page', () => {
    expect(built.code, built.output).toBe(0);
    expect(readFileSync(join(directory, 'index.html'), 'utf8')).toContain('exactly 10,000');
  });

  describe.runIf(isBrowserHere)('in a browser', () => {
    it('the search finds a setting, without a server', async () => {
      const page = await open('/');
      // The page listens for keys once its scripts have run.
      while (!(await page.locator('#localsearch-input').isVisible())) await page.keyboard.press('Control+k');
      await page.fill('#localsearch-input', 'REDEMPTION_SECRET');
      await page.locator('#localsearch-list', { hasText: 'Configuration' }).waitFor();
      await page.close();
    });

    it('the pages in Korean lead to each other, and the first one to English', async () => {
      const page = await open('/ko/');
      expect(await page.getAttribute('html', 'lang')).toBe('ko');
      await page.locator('.vp-doc a', { hasText: '개념' }).first().click();
      await page.waitForURL(`${origin}/ko/concepts`);
      // The address changes before the page does.
      await page.locator('h1', { hasText: '개념' }).waitFor();
      await page.close();
    });

    it.each(['/', '/configuration', '/error-codes', '/guides/replacing/shop', '/ko/concepts'])(
      '%s is not wider than a phone',
      async (path) => {
        const page = await open(path, 390);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
        await page.close();
      },
    );

    it('pages load nothing from elsewhere, and complain of nothing', () => {
      expect(requested.filter((url) => !url.startsWith(origin))).toEqual([]);
      expect(complaints).toEqual([]);
    });
  });
});
