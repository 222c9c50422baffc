import { linkTo, SOURCES, titleOf } from './pages.ts';

interface Group {
  readonly text: string;
  readonly pages: readonly string[];
  readonly collapsed?: boolean;
}

const KOREAN = 'docs/ko/';
const ADR = 'docs/adr/';

const GUIDES: readonly Group[] = [
  { text: 'Start', pages: ['README.md', 'docs/getting-started.md', 'docs/concepts.md'] },
  {
    text: 'Integrate',
    pages: [
      'docs/guides/your-own-users.md',
      'docs/guides/issuing-from-java.md',
      'docs/guides/orders-elsewhere.md',
      'docs/counter.md',
      'docs/error-codes.md',
      'docs/events.md',
    ],
  },
  { text: 'Replace', pages: SOURCES.filter((source) => source.startsWith('docs/guides/replacing/')) },
  {
    text: 'Operate',
    pages: [
      'docs/configuration.md',
      'docs/reverse-proxy.md',
      'docs/security-model.md',
      'docs/secrets.md',
      'docs/backup.md',
      'docs/upgrade.md',
      'docs/versioning.md',
      'docs/scaling.md',
      'docs/reliability.md',
      'docs/monitoring.md',
      'docs/operations.md',
      'docs/metrics.md',
    ],
  },
];
const listed = new Set(GUIDES.flatMap(({ pages }) => pages));

/** The sidebar in English: the groups above, all other pages by name, and the decisions. */
const groups: readonly Group[] = [
  ...GUIDES,
  {
    text: 'More',
    pages: SOURCES.filter(
      (source) =>
        !listed.has(source) && source !== 'docs/decisions.md' && !source.startsWith(KOREAN) && !source.startsWith(ADR),
    ),
  },
  {
    text: 'Decisions',
    pages: ['docs/decisions.md', ...SOURCES.filter((source) => source.startsWith(ADR))],
    collapsed: true,
  },
];

const itemOf = (source: string) => ({ text: titleOf(source), link: linkTo(source) });

export const englishSidebar = groups.map(({ text, pages, collapsed }) => ({
  text,
  items: pages.map(itemOf),
  ...(collapsed === undefined ? {} : { collapsed }),
}));

export const koreanSidebar = [
  {
    text: '시작하기',
    items: ['docs/ko/README.md', 'docs/ko/getting-started.md', 'docs/ko/concepts.md'].map(itemOf),
  },
];
