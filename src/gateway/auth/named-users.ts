import type { z } from 'zod';
import { looksLikeExternalId } from '../../contexts/identity/api.ts';
import { ProblemError } from '../problems/problem.ts';
import type { RouteSpec } from '../server/route.ts';
import { userFieldsOf } from '../server/user-fields.ts';
import type { ExternalUsers, IfMissing } from './external-users.ts';
import { isMachine, type Principal } from './principal.ts';

/** The parts of a request in which it may name users. */
export interface NamedParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

type NamedSchemas = Pick<RouteSpec, keyof NamedParts | 'addsUsers'>;
type Part = Readonly<Record<string, unknown>>;

/**
 * Replaces external ids by ids where a request names users: in the fields whose schemas are in `userReferences`. Undefined: it has none, or its caller is
 * a CUSTOMER, who names nobody else.
 * @throws ProblemError USER_NOT_FOUND, as a rejection, for a user who is not known
 */
export function replaceNamedUsers(
  users: ExternalUsers | undefined,
  principal: Principal,
  route: NamedSchemas,
  request: NamedParts,
): Promise<NamedParts> | undefined {
  if (users === undefined || (principal.role === 'CUSTOMER' && !isMachine(principal))) return undefined;
  const { params, query, body } = route;
  const isNamed =
    hasExternalId(params, request.params) || hasExternalId(query, request.query) || hasExternalId(body, request.body);
  if (!isNamed) return undefined;
  const ifMissing: IfMissing = route.addsUsers === true ? 'ADD' : 'FIND';
  const replaced = async (schema: z.ZodType | undefined, part: unknown): Promise<unknown> =>
    hasExternalId(schema, part) ? { ...(part as Part), ...(await idsOf(users, ifMissing, schema, part)) } : part;
  return (async () => {
    const [newParams, newQuery, newBody] = await Promise.all([
      replaced(params, request.params),
      replaced(query, request.query),
      replaced(body, request.body),
    ]);
    return { params: newParams, query: newQuery, body: newBody };
  })();
}

function hasExternalId(schema: z.ZodType | undefined, part: unknown): boolean {
  const { single, lists } = userFieldsOf(schema);
  return (
    single.some((field) => looksLikeExternalId(at(part, field))) ||
    lists.some((field) => listAt(part, field).some(looksLikeExternalId))
  );
}

/** The fields of a part that name users, with ids in place of external ids. */
async function idsOf(
  users: ExternalUsers,
  ifMissing: IfMissing,
  schema: z.ZodType | undefined,
  part: unknown,
): Promise<Part> {
  const idOf = async (value: unknown): Promise<unknown> =>
    looksLikeExternalId(value) ? await idOfNamed(users, value, ifMissing) : value;
  const { single, lists } = userFieldsOf(schema);
  const fields = await Promise.all([
    ...single
      .filter((field) => looksLikeExternalId(at(part, field)))
      .map(async (field): Promise<[string, unknown]> => [field, await idOf(at(part, field))]),
    ...lists
      .filter((field) => listAt(part, field).some(looksLikeExternalId))
      .map(async (field): Promise<[string, unknown]> => [field, await Promise.all(listAt(part, field).map(idOf))]),
  ]);
  return Object.fromEntries(fields);
}

/**
 * Returns the id for an external id, as the text of a decimal id.
 * @throws ProblemError USER_NOT_FOUND
 */
async function idOfNamed(users: ExternalUsers, externalId: string, ifMissing: IfMissing): Promise<string> {
  const userId = await users.ofExternalId(externalId, ifMissing);
  if (userId === undefined) throw new ProblemError('USER_NOT_FOUND');
  return String(userId);
}

const at = (part: unknown, field: string): unknown =>
  typeof part === 'object' && part !== null && Object.hasOwn(part, field) ? (part as Part)[field] : undefined;

function listAt(part: unknown, field: string): readonly unknown[] {
  const list = at(part, field);
  return Array.isArray(list) ? list : [];
}
