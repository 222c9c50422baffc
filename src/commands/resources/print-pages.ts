import type { Api } from '../remote/api.ts';
import { readResponse, withMember } from '../remote/read-response.ts';
import type { VerbRequest } from './request-of.ts';
import { tableText } from './table-text.ts';

export interface PageOptions {
  readonly limit?: number;
  readonly cursor?: string;
  readonly all: boolean;
  readonly json: boolean;
}

export interface ListView {
  /** The name of the array in a page. */
  readonly name: string;
  readonly columns: readonly string[];
}

type Item = Readonly<Record<string, unknown>>;
type Page = Item & { readonly nextCursor: string | null };

const LIMIT_OF_ALL = 100;

/**
 * Prints a page of a list, or all of them. For people a table; with `json` the page as the server returned it, and of `all` one line for each item, which is printed before the
 * next page is read.
 */
export async function printPages(api: Api, request: VerbRequest, view: ListView, options: PageOptions): Promise<void> {
  const { all, json } = options;
  if (!all) return printPage(await read(api, request, view, options), view, json);
  const items: Item[] = [];
  let cursor: string | null | undefined = options.cursor;
  do {
    const page: Page = await read(api, request, view, {
      ...options,
      limit: options.limit ?? LIMIT_OF_ALL,
      ...(cursor ? { cursor } : {}),
    });
    if (json)
      process.stdout.write(
        itemsOf(page, view)
          .map((item) => `${JSON.stringify(item)}\n`)
          .join(''),
      );
    else items.push(...itemsOf(page, view));
    cursor = page.nextCursor;
  } while (cursor !== null);
  if (!json) process.stdout.write(tableText(items, view.columns));
}

async function read(
  api: Api,
  { path, sent }: VerbRequest,
  { name }: ListView,
  { limit, cursor }: Omit<PageOptions, 'all' | 'json'>,
): Promise<Page> {
  const query = {
    ...sent.query,
    ...(limit === undefined ? {} : { limit: String(limit) }),
    ...(cursor === undefined ? {} : { cursor }),
  };
  const response = await api.call('GET', path, { ...sent, query });
  return await readResponse(api.url, response, (body) => withMember(body, name) as Page);
}

function printPage(page: Page, view: ListView, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(page, undefined, 2)}\n`);
    return;
  }
  process.stdout.write(tableText(itemsOf(page, view), view.columns));
  // On the other stream, so that the table alone can be piped.
  if (page.nextCursor !== null)
    process.stderr.write(`There are more: --cursor ${page.nextCursor} is the next page, --all every page.\n`);
}

const itemsOf = (page: Page, { name }: ListView): readonly Item[] => (page[name] as readonly Item[] | undefined) ?? [];
