import { z } from 'zod';
import { readPackaged } from '../../../platform/bundled-file.ts';
import { ProblemError } from '../../problems/problem.ts';
import { type Route, route } from '../../server/route.ts';

const LLMS_TXT = 'docs/llms.txt';
/** A page that it links, in Markdown. */
const LINKED_PAGE = /\]\(\/(docs\/[a-z-]+\.md)\)/g;
/** A link to a file of the repository: neither an address nor a place in the same page. */
const FILE_LINK = /(?<!!)\[([^\][]+)\]\((?![a-z]+:|[/#])([^)#\s]+)(?:#[^)\s]*)?\)/g;
const PAGE_NAME_MAX = 100;
const CACHE = { 'cache-control': 'public, max-age=3600' };

const OnePage = z.strictObject({
  page: z
    .string()
    .max(PAGE_NAME_MAX)
    .meta({ description: 'As /llms.txt links it', examples: ['events.md'] }),
});

const OPEN = {
  tag: 'operations',
  method: 'GET',
  access: 'ANYBODY',
  plain: true,
  head: true,
  unlimited: true,
  status: 200,
} as const;

/** What the server is and how it is used, as text for language models and for people. Pages that /llms.txt does not link are not served. */
export function guideRoutes(): readonly Route[] {
  /** Read at the first request, and kept: they are part of the package. */
  let texts: Promise<Texts> | undefined;
  const readOnce = (): Promise<Texts> => {
    texts ??= readTexts();
    return texts;
  };
  return [
    route({
      ...OPEN,
      id: 'getLlmsTxt',
      paths: ['/llms.txt'],
      summary: 'Read what this server is, as a text for language models',
      response: { schema: z.string(), example: '# Stampede\n\n> A promotion platform', type: 'text/plain' },
      async handle(_request, reply) {
        const { overview } = await readOnce();
        return reply.headers(CACHE).type('text/plain; charset=utf-8').send(overview);
      },
    }),
    route({
      ...OPEN,
      id: 'getGuide',
      paths: ['/docs/:page'],
      summary: 'Read a page of the documentation in Markdown',
      params: OnePage,
      response: { schema: z.string(), example: '# Events', type: 'text/markdown' },
      refusals: ['NOT_FOUND'],
      async handle(request, reply) {
        const { page } = request.params as z.output<typeof OnePage>;
        const text = (await readOnce()).pages.get(`docs/${page}`);
        if (text === undefined) throw new ProblemError('NOT_FOUND');
        return reply.headers(CACHE).type('text/markdown; charset=utf-8').send(text);
      },
    }),
  ];
}

interface Texts {
  readonly overview: string;
  /** By their paths in the package. */
  readonly pages: ReadonlyMap<string, string>;
}

async function readTexts(): Promise<Texts> {
  const overview = await readPackaged(LLMS_TXT);
  const paths = [...overview.matchAll(LINKED_PAGE)].map(([, path = '']) => path);
  const served = new Set(paths);
  const pages = await Promise.all(
    paths.map(async (path) => [path, withoutDeadLinks(await readPackaged(path), served)] as const),
  );
  return { overview, pages: new Map(pages) };
}

/** Returns a page of docs/ in which a link to a file that is not served is its text alone. */
export function withoutDeadLinks(page: string, served: ReadonlySet<string>): string {
  return page.replaceAll(FILE_LINK, (link, text: string, target: string) =>
    served.has(`docs/${target}`) ? link : text,
  );
}
