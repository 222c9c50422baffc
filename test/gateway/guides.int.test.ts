import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stage, stage } from '../attacks/support.ts';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on?.stop());

describe('/llms.txt', () => {
  it('says what the server is, and links pages that exist', async () => {
    const { status, headers, text } = await on.call('GET', '/llms.txt');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(text).toMatch(/^# Stampede\n\n> /);
    const links = [...text.matchAll(/\]\((\S+?)\)/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(7);
    const found = await Promise.all(links.map(async (link) => [link, (await on.call('GET', link)).status]));
    expect(found).toEqual(links.map((link) => [link, 200]));
  });

  it('names routes that exist', async () => {
    const { text } = await on.call('GET', '/llms.txt');
    const { paths } = (await on.call('GET', '/api/openapi.json')).body;
    const named = [...text.matchAll(/`(GET|POST|PUT|PATCH|DELETE) (\/api\S+)`/g)];
    expect(named.length).toBeGreaterThan(10);
    for (const [, method = '', path = ''] of named) {
      expect([method, path, paths[path]?.[method.toLowerCase()] !== undefined]).toEqual([method, path, true]);
    }
  });
});

describe('the description of the API', () => {
  it('links guides that the same server serves', async () => {
    const { info } = (await on.call('GET', '/api/openapi.json')).body;
    const links = [...info.description.matchAll(/\]\((\S+?)\)/g)].map(([, link = '']) => link);
    expect(links).toContain('/docs/error-codes.md');
    const found = await Promise.all(links.map(async (link) => [link, (await on.call('GET', link)).status]));
    expect(found).toEqual(links.map((link) => [link, 200]));
  });
});

describe('a page of the documentation', () => {
  it('is Markdown', async () => {
    const { headers, text } = await on.call('GET', '/docs/events.md');
    expect(headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(text).toMatch(/^# Events\n/);
  });

  it('has no link to a file that is not served', async () => {
    const { text: overview } = await on.call('GET', '/llms.txt');
    const pages = [...overview.matchAll(/\]\((\/docs\/\S+?)\)/g)].map(([, link = '']) => link);
    const texts = await Promise.all(pages.map(async (page) => (await on.call('GET', page)).text));
    const links = texts.flatMap((text) => [...text.matchAll(/\]\((?![a-z]+:|[/#])([^)#\s]+)/g)]);
    const targets = new Set(links.map(([, target = '']) => `/docs/${target}`));
    expect(targets.size).toBeGreaterThan(10);
    expect([...targets].filter((target) => !pages.includes(target))).toEqual([]);
  });

  it.each(['attacks.md', 'llms.txt', '..%2fpackage.json', '..%2f..%2fetc%2fpasswd', '%00', 'events.md%00'])(
    'is not found as %s, which /llms.txt does not link',
    async (page) => {
      const { status, body } = await on.call('GET', `/docs/${page}`);
      expect([status, body.code]).toEqual([404, 'NOT_FOUND']);
    },
  );
});
