import { isExternalId } from '../../contexts/identity/api.ts';
import { ProblemError } from '../problems/problem.ts';
import type { RouteSpec } from '../server/route.ts';
import type { ExternalUsers, Naming } from './external-users.ts';
import { isMachine, type Principal } from './principal.ts';

/** The parts of a request in which it may name users. */
export interface NamedParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

type Named = Pick<RouteSpec, 'userParam' | 'addsUsers'>;
type Part = Readonly<Record<string, unknown>>;

const FIELD = 'userId';
const LIST = 'userIds';

/**
 * Replaces external ids by ids where a request names users: `userId` of the path, the query and the body, and `userIds` of the body. Undefined: it has none,
 * or its caller is a CUSTOMER, who names nobody else.
 * @throws ProblemError USER_NOT_FOUND, as a rejection, for a user who is not known
 */
export function replaceNamedUsers<Parts extends NamedParts>(
  users: ExternalUsers | undefined,
  principal: Principal,
  route: Named,
  { params, query, body }: Parts,
): Promise<NamedParts> | undefined {
  if (users === undefined || (principal.role === 'CUSTOMER' && !isMachine(principal))) return undefined;
  const { userParam = FIELD } = route;
  const isNamed =
    isExternalId(at(params, userParam)) || isExternalId(at(query, FIELD)) || isExternalId(at(body, FIELD));
  if (!isNamed && !listOf(body).some(isExternalId)) return undefined;
  const naming: Naming = route.addsUsers === true ? 'ADD' : 'FIND';
  const idOf = async (value: unknown): Promise<unknown> =>
    isExternalId(value) ? await userIdOf(users, value, naming) : value;
  const replaced = async (part: unknown, field: string): Promise<unknown> =>
    isExternalId(at(part, field)) ? { ...(part as Part), [field]: await idOf(at(part, field)) } : part;
  return (async () => {
    const list = listOf(body);
    const [newParams, newQuery, newBody, ids] = await Promise.all([
      replaced(params, userParam),
      replaced(query, FIELD),
      replaced(body, FIELD),
      Promise.all(list.map(idOf)),
    ]);
    return {
      params: newParams,
      query: newQuery,
      body: list.length === 0 ? newBody : { ...(newBody as Part), [LIST]: ids },
    };
  })();
}

/**
 * Returns the id for an external id, as the text of a decimal id.
 * @throws ProblemError USER_NOT_FOUND
 */
export async function userIdOf(users: ExternalUsers, externalId: string, naming: Naming): Promise<string> {
  const userId = await users.ofExternalId(externalId, naming);
  if (userId === undefined) throw new ProblemError('USER_NOT_FOUND');
  return String(userId);
}

const at = (part: unknown, field: string): unknown =>
  typeof part === 'object' && part !== null && Object.hasOwn(part, field) ? (part as Part)[field] : undefined;

function listOf(body: unknown): readonly unknown[] {
  const list = at(body, LIST);
  return Array.isArray(list) ? list : [];
}
