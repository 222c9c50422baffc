import type { Client, MaybeOptionalInit } from 'openapi-fetch';
import { unwrap } from './errors.ts';
import type { paths } from './generated/openapi.ts';

type Page<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Body } } } };
}
  ? Body
  : never;

/** The paths of lists: their pages have `nextCursor`. */
export type ListPath = {
  [Path in keyof paths]: Page<Path> extends { nextCursor: string | null } ? Path : never;
}[keyof paths];

/** An item of a list. */
export type ItemOf<Path extends ListPath> = Extract<Page<Path>[keyof Page<Path>], readonly unknown[]>[number];

/** Parameters of the path and of the query, and a signal, as those of `GET`. */
export type ListOptions<Path extends ListPath> = MaybeOptionalInit<paths[Path], 'get'>;
type ListArguments<Path extends ListPath> =
  Partial<Record<never, never>> extends ListOptions<Path>
    ? [options?: ListOptions<Path>]
    : [options: ListOptions<Path>];

/**
 * Every item of a list, page by page as they are needed: `for await (const coupon of list('/api/v1/coupons/users/{userId}', …))`. `limit` is the
 * size of a page, and `cursor` begins behind another one's end.
 * @throws StampedeError when a page is refused
 */
export type List = <Path extends ListPath>(path: Path, ...args: ListArguments<Path>) => AsyncGenerator<ItemOf<Path>>;

export function lists({ GET }: Pick<Client<paths>, 'GET'>): List {
  // What differs between lists is only in their types.
  const get = GET as (path: string, options: object) => Promise<Parameters<typeof unwrap<AnyPage>>[0]>;
  async function* list(path: string, options: AnyOptions = {}): AsyncGenerator<unknown> {
    const { params } = options;
    let cursor: unknown = params?.query?.['cursor'];
    do {
      const query = { ...params?.query, ...(cursor === undefined ? {} : { cursor }) };
      const page = unwrap(await get(path, { ...options, params: { ...params, query } }));
      yield* itemsOf(page);
      cursor = page.nextCursor;
    } while (cursor !== null);
  }
  return list as List;
}

interface AnyOptions {
  readonly params?: { readonly query?: Readonly<Record<string, unknown>> };
}

interface AnyPage {
  readonly nextCursor: string | null;
}

/** The one array of a page is its list, under a name of its own such as `coupons`. */
const itemsOf = (page: AnyPage): readonly unknown[] => Object.values(page).find(Array.isArray) ?? [];
