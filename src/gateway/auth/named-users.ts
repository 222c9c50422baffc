import { escapedExternalId, parseExternalId } from '../../contexts/identity/api.ts';
import { ProblemError } from '../problems/problem.ts';
import { parsed } from '../server/parsed.ts';
import { type RouteSpec, takesFile } from '../server/route.ts';
import { userFieldsOf } from '../server/user-fields.ts';
import { type ExternalUsers, type IfMissing, ofExternalIds } from './external-users.ts';
import { actsForBlocked, actsForCustomer, type Principal } from './principal.ts';
import { rejectedParts } from './rejected.ts';
import { seesExternalIds } from './shown-users.ts';

/** The parts of a request in which it may name users. */
export interface NamedParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** The same request with ids in place of external ids. */
export interface ResolvedRequest extends NamedParts {
  readonly principal: Principal;
}

/** A part, a field of it, and the external ids that it has. */
interface Place {
  readonly part: keyof NamedParts;
  readonly field: string;
  /** By their places in a list; of a single field the place is 0. */
  readonly names: ReadonlyMap<number, string>;
  readonly isList: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** Stands for an external id while the rest of a request is checked. Any id would do. */
const SOME_ID = '1';
const ERRORS_MAX = 20;
const UNLISTED = 'names no user of an issuer that is listed here';

/**
 * Replaces external ids by ids in X-User-Id and in those fields of a request that name users by the schema of the route. Undefined: the request has none,
 * or its caller is a user who may not name others so; the schemas refuse it then. To be called after the limits, the access and the scope were checked. The
 * schemas are checked here before anything is looked up, so that a request that is refused adds no user.
 * @throws ProblemError VALIDATION_FAILED, USER_NOT_FOUND for a user who is not known, UNAUTHENTICATED when X-User-Id names a user of no issuer here, or one who
 * is locked or deleted; all as rejections
 */
export function resolveUsers(
  users: ExternalUsers | undefined,
  principal: Principal,
  route: RouteSpec,
  { params, query, body }: NamedParts,
): Promise<ResolvedRequest> | undefined {
  if (users === undefined || !seesExternalIds(principal)) return undefined;
  const parts = { params, query, body: takesFile(route) ? undefined : body };
  const places = [
    ...placesIn(route, parts, 'params'),
    ...placesIn(route, parts, 'query'),
    ...placesIn(route, parts, 'body'),
  ];
  if (places.length === 0 && principal.actsForName === undefined) return undefined;
  return (async () => {
    const checked = replaced(parts, places, () => SOME_ID);
    checkParts(route, checked);
    refuseUnlisted(users, places);
    const caller = await actingCaller(users, principal);
    const ids = await idsByName(users, places, route.addsUsers === true && !actsForCustomer(caller) ? 'ADD' : 'FIND');
    const resolved = replaced(parts, places, (name) => ids.get(name) ?? name);
    return { ...resolved, body: takesFile(route) ? body : resolved.body, principal: caller };
  })();
}

function placesIn(route: RouteSpec, parts: NamedParts, part: keyof NamedParts): readonly Place[] {
  const content = parts[part];
  if (typeof content !== 'object' || content === null) return [];
  const { single, lists } = userFieldsOf(route[part]);
  const at = (field: string) => (Object.hasOwn(content, field) ? (content as Fields)[field] : undefined);
  const places = [
    ...single.map((field) => ({ part, field, names: namesIn(part, [at(field)]), isList: false })),
    ...lists.map((field) => ({ part, field, names: namesIn(part, listOf(at(field))), isList: true })),
  ];
  return places.filter(({ names }) => names.size > 0);
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The external id that a value is, with its escapes. Undefined: it is none. */
function nameOf(part: keyof NamedParts, value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const name = part === 'body' ? value : escapedExternalId(value);
  return parseExternalId(name) === undefined ? undefined : name;
}

function namesIn(part: keyof NamedParts, values: readonly unknown[]): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const [place, value] of values.entries()) {
    const name = nameOf(part, value);
    if (name !== undefined) names.set(place, name);
  }
  return names;
}

function replaced(parts: NamedParts, places: readonly Place[], idOf: (name: string) => string): NamedParts {
  const copy: Record<keyof NamedParts, unknown> = { ...parts };
  for (const { part, field, names } of places) {
    const id = (value: unknown, place: number): unknown => {
      const name = names.get(place);
      return name === undefined ? value : idOf(name);
    };
    const fields = copy[part] as Fields;
    const value = fields[field];
    copy[part] = { ...fields, [field]: Array.isArray(value) ? value.map(id) : id(value, 0) };
  }
  return copy;
}

/** In the order in which the handler reports them. */
function checkParts(route: RouteSpec, { params, query, body }: NamedParts): void {
  if (route.body !== undefined) parsed(route.body, body);
  if (route.query !== undefined) parsed(route.query, query);
  if (route.params !== undefined) parsed(route.params, params);
}

/** A machine with the customer for whom it acts. One who was never seen is added, as by a token of the customer: a read returns what a customer without data has. */
async function actingCaller(users: ExternalUsers, principal: Principal): Promise<Principal> {
  const { actsForName, ...machine } = principal;
  if (actsForName === undefined) return principal;
  const userId = await users.ofExternalId(actsForName, 'ADD');
  if (userId === undefined) throw new ProblemError('UNAUTHENTICATED', rejectedParts('ACTING_USER_UNKNOWN'));
  const caller = { ...machine, userId };
  if (actsForBlocked(caller)) throw new ProblemError('UNAUTHENTICATED', rejectedParts('ACTING_USER_BLOCKED'));
  return caller;
}

async function idsByName(
  users: ExternalUsers,
  places: readonly Place[],
  ifMissing: IfMissing,
): Promise<ReadonlyMap<string, string>> {
  const names = [...new Set(places.flatMap((place) => [...place.names.values()]))];
  const found = await ofExternalIds(users, names, ifMissing);
  if (found.size < names.length) throw new ProblemError('USER_NOT_FOUND');
  return new Map([...found].map(([name, id]) => [name, String(id)]));
}

/**
 * Before anything is looked up or added. A list is refused with each of its places, as for its other faults; of a single field the code says enough.
 * @throws ProblemError VALIDATION_FAILED or USER_NOT_FOUND for users of an issuer that is not listed
 */
function refuseUnlisted(users: ExternalUsers, places: readonly Place[]): void {
  const unlisted = places.flatMap(({ field, names, isList }) =>
    [...names].filter(([, name]) => !users.isListed(name)).map(([at]) => ({ field, at, isList })),
  );
  if (unlisted.length === 0) return;
  if (unlisted.some(({ isList }) => !isList)) throw new ProblemError('USER_NOT_FOUND');
  const errors = unlisted
    .slice(0, ERRORS_MAX)
    .map(({ field, at }) => ({ field: `${field}.${at}`, code: 'INVALID', message: UNLISTED }));
  throw new ProblemError('VALIDATION_FAILED', { errors });
}
