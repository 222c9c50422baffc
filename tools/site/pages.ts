import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** The root of the repository. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** Pages beside those of docs/, and their addresses. */
const ADDRESSES: Readonly<Record<string, string>> = {
  'README.md': 'index.md',
  'ARCHITECTURE.md': 'architecture.md',
  'CONTRIBUTING.md': 'contributing.md',
  'CHANGELOG.md': 'changelog.md',
  'docs/ko/README.md': 'ko/index.md',
};

/** The files that are pages of the site, by their paths in the repository. */
export const SOURCES: readonly string[] = [
  ...new Set([
    ...Object.keys(ADDRESSES),
    ...globSync('docs/**/*.md', { cwd: ROOT }).map((path) => path.split(sep).join('/')),
  ]),
].toSorted();

/** Returns the address of a page, as a path below the root of the site that ends with `.md`. */
export const addressOf = (source: string): string => ADDRESSES[source] ?? source.replace(/^docs\//, '');

/** Returns the link to a page from anywhere in the site. */
export const linkTo = (source: string): string =>
  `/${addressOf(source)
    .replace(/(^|\/)index\.md$/, '$1')
    .replace(/\.md$/, '')}`;

/** Returns the first heading of a page. Throws when it has none. */
export function titleOf(source: string): string {
  const [, title] = /^# (.+)$/m.exec(readFileSync(join(ROOT, source), 'utf8')) ?? [];
  if (title === undefined) throw new Error(`${source} has no title`);
  return title.replaceAll('`', '');
}

/** The anchor of a heading, as GitHub names it. */
export const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
    .replaceAll(' ', '-');

/** Where a link of a page leads. */
export type LinkTarget =
  | { readonly kind: 'EXTERNAL' }
  /** `path`: of the file or folder in the repository. */
  | { readonly kind: 'FILE'; readonly path: string }
  /** `address`: absolute in the site, with the anchor. */
  | { readonly kind: 'PAGE'; readonly path: string; readonly anchor: string; readonly address: string };

/** Resolves a link of the page `source`. */
export function linkTarget(source: string, href: string): LinkTarget {
  if (/^[a-z][a-z+.-]*:/i.test(href)) return { kind: 'EXTERNAL' };
  const [to = '', anchor = ''] = decodeURIComponent(href).split('#', 2);
  const path =
    to === ''
      ? source
      : relative(ROOT, resolve(ROOT, dirname(source), to))
          .split(sep)
          .join('/');
  if (!SOURCES.includes(path)) return { kind: 'FILE', path };
  const address = linkTo(path);
  return { kind: 'PAGE', path, anchor, address: anchor === '' ? address : `${address}#${anchor}` };
}
