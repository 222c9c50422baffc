import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addressOf, anchorOf, linkTarget, ROOT, SOURCES, titleOf } from './pages.ts';

const DOCUMENTS = [
  ...SOURCES,
  ...globSync(['src/**/*.md', 'bench/**/*.md', 'tools/*/*.md', 'test/**/*.md'], { cwd: ROOT }),
];
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
/** Without code, where brackets are no links and numbers no headings. */
const prose = (path: string): string =>
  read(path)
    .replaceAll(/^```.*?^```$/gms, '')
    .replaceAll(/`[^`\n]*`/g, (code) => code.replaceAll(/[[\]()]/g, ''));
const linksOf = (path: string): readonly string[] =>
  [...prose(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, href = '']) => href);
const anchorsOf = (path: string): ReadonlySet<string> =>
  new Set(
    [
      ...read(path)
        .replaceAll(/^```.*?^```$/gms, '')
        .matchAll(/^#{1,6} (.+)$/gm),
    ].map(([, heading = '']) => anchorOf(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1'))),
  );

it.each(DOCUMENTS)('every link of %s leads to a file, and to a heading that it has', (source) => {
  const broken = linksOf(source).filter((href) => {
    const target = linkTarget(source, href);
    if (target.kind === 'EXTERNAL') return false;
    if (!existsSync(join(ROOT, target.path))) return true;
    const [, anchor = ''] = href.split('#', 2);
    return anchor !== '' && target.path.endsWith('.md') && !anchorsOf(target.path).has(decodeURIComponent(anchor));
  });
  expect(broken).toEqual([]);
});

it('every migration that the change log names exists', () => {
  const named = read('CHANGELOG.md').match(/\b\d{4}_\w+\.sql\b/g) ?? [];
  const existing = new Set(globSync('src/**/migrations/*.sql', { cwd: ROOT }).map((file) => basename(file)));
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !existing.has(name))).toEqual([]);
});

describe('linkTarget', () => {
  it('a link to a page leads to its address in the site, with its anchor', () => {
    expect(linkTarget('docs/guides/orders-elsewhere.md', '../events.md#topics')).toMatchObject({
      kind: 'PAGE',
      address: '/events#topics',
    });
    expect(linkTarget('docs/concepts.md', '../README.md')).toMatchObject({ kind: 'PAGE', address: '/' });
    expect(linkTarget('docs/ko/concepts.md', 'README.md')).toMatchObject({ kind: 'PAGE', address: '/ko/' });
  });

  it('a link to another file leads to no page', () => {
    expect(linkTarget('README.md', 'src/contexts/coupon')).toEqual({ kind: 'FILE', path: 'src/contexts/coupon' });
  });

  it('an address of another site is left as it is', () => {
    expect(linkTarget('README.md', 'https://example.com/a.md')).toEqual({ kind: 'EXTERNAL' });
  });
});

it('a page has an address of its own and a title', () => {
  const addresses = SOURCES.map(addressOf);
  expect(new Set(addresses).size).toBe(addresses.length);
  expect(SOURCES.map(titleOf).every((title) => title.length > 0)).toBe(true);
});

it('a heading has the anchor that GitHub gives it', () => {
  expect(anchorOf('coupon.confirmation_failed')).toBe('couponconfirmation_failed');
  expect(anchorOf('How fast is it on a small machine?')).toBe('how-fast-is-it-on-a-small-machine');
  expect(anchorOf('쿠폰의 상태')).toBe('쿠폰의-상태');
});
