import { LRUCache } from 'lru-cache';
import {
  EXTERNAL_USERS_MAX,
  type ExternalSubject,
  type IdentityService,
  isHigherRole,
  isPrivilegedRole,
  type PrivilegedRole,
  parseExternalId,
  subjectKey,
  type USER_ROLES,
} from '../../contexts/identity/api.ts';
import { type CoalesceOptions, coalesce } from '../../platform/batching/coalesce.ts';
import type { Role } from '../../platform/http/access-token.ts';
import { HOUR_MS, MINUTE_MS } from '../../platform/kernel/durations.ts';
import { isIdText } from '../../platform/kernel/id-text.ts';
import { slices } from '../../platform/kernel/slices.ts';

/** Users in memory, about 300 bytes each. */
const USERS_MAX = 100_000;
/** A user who is deleted meanwhile is shown without a name after this time, and has the name back this long after the account was restored. */
const NAME_TTL_MS = 5 * MINUTE_MS;
const USER_TTL_MS = HOUR_MS;
const WAITING_MAX = 20_000;
const NAMES_PER_CALL = 1_000;
const REFUSAL = 'too many users of other issuers are looked up';

/** Roles of users in the identity context. */
type UserRole = (typeof USER_ROLES)[number];
interface KnownUser {
  readonly userId: bigint;
  readonly role: UserRole;
}
interface SeenUser extends ExternalSubject {
  readonly role: UserRole;
}
/** A user whose subject is an id here, and the role that a token states. */
interface StatedUser {
  readonly userId: bigint;
  readonly role: PrivilegedRole;
}

/** What is done about a user of another issuer who was never seen. */
export type IfMissing = 'ADD' | 'FIND';

/** The ids of users of other issuers, in memory where they were seen lately. */
export interface ExternalUsers {
  /**
   * The id of the user of a token, who is added when not known. A machine counts as a CUSTOMER: its role is not that of a user. When it resolves, the
   * identity context knows that the user has been an OWNER or ADMIN, so that no node lets a machine act for one.
   */
  ofToken(name: ExternalSubject, role: Role): bigint | Promise<bigint>;
  /** Does the text name a user whom an issuer of the configuration may have? Looks nothing up. */
  isListed(text: string): boolean;
  /**
   * The id for an external id. ADD: a user who was never seen is added. Undefined: the text is no external id of an issuer of the configuration, or
   * the user is not known.
   */
  ofExternalId(text: string, ifMissing: IfMissing): Promise<bigint | undefined>;
  /** The external ids of these users; users who signed up here are absent. */
  externalIds(userIds: readonly bigint[]): Promise<ReadonlyMap<bigint, string>>;
}

export interface ExternalUsersDeps {
  readonly identity: Pick<
    IdentityService,
    'addExternalUsers' | 'findExternalUsers' | 'getExternalIds' | 'recordStatedRoles'
  >;
  /** The issuers by name. */
  readonly issuers: ReadonlyMap<string, { readonly subjectIsUserId: boolean }>;
  /** Users in memory. Default: 100,000. */
  readonly usersMax?: number;
}

export function externalUsers({ identity, issuers, usersMax = USERS_MAX }: ExternalUsersDeps): ExternalUsers {
  const known = new LRUCache<string, KnownUser>({ max: usersMax, ttl: USER_TTL_MS });
  /** Null: the user signed up here, or was deleted. */
  const names = new LRUCache<bigint, { readonly externalId: string | null }>({ max: usersMax, ttl: NAME_TTL_MS });

  const addition: CoalesceOptions<SeenUser, bigint> = {
    async load(users) {
      const seen = users.map(({ issuer, subject, role }) => ({ user: { issuer, subject }, role }));
      return (await identity.addExternalUsers({ users: seen })).userIds;
    },
    keyOf: (user) => `${subjectKey(user)} ${user.role}`,
    batchMax: EXTERNAL_USERS_MAX,
    waitingMax: WAITING_MAX,
    refusal: REFUSAL,
  };
  // Two queues, so that long lists of names keep nobody waiting whose own token is new.
  const addSeen = coalesce<SeenUser, bigint>(addition);
  const addNamed = coalesce<SeenUser, bigint>(addition);
  const find = coalesce<ExternalSubject, bigint>({
    load: async (users) => (await identity.findExternalUsers({ users })).userIds,
    keyOf: subjectKey,
    batchMax: EXTERNAL_USERS_MAX,
    waitingMax: WAITING_MAX,
    refusal: REFUSAL,
  });

  const recorded = new LRUCache<string, true>({ max: usersMax, ttl: USER_TTL_MS });
  const record = coalesce<StatedUser, true>({
    async load(users) {
      await identity.recordStatedRoles({ users });
      return users.map(() => true);
    },
    keyOf: statedKeyOf,
    batchMax: EXTERNAL_USERS_MAX,
    waitingMax: WAITING_MAX,
    refusal: REFUSAL,
  });

  function listed(text: string): (ExternalSubject & { readonly subjectIsUserId: boolean }) | undefined {
    const name = parseExternalId(text);
    const issuer = name && issuers.get(name.issuer);
    if (name === undefined || issuer === undefined) return undefined;
    const { subjectIsUserId } = issuer;
    return subjectIsUserId && !isIdText(name.subject) ? undefined : { ...name, subjectIsUserId };
  }

  /** The id that a subject is. A role above CUSTOMER is stored before it counts. */
  function ofOwnId(userId: bigint, role: UserRole): bigint | Promise<bigint> {
    if (!isPrivilegedRole(role)) return userId;
    const stated = { userId, role };
    if (recorded.has(statedKeyOf(stated))) return userId;
    return record(stated).then(() => {
      recorded.set(statedKeyOf(stated), true);
      return userId;
    });
  }

  async function remembered(name: SeenUser, found: Promise<bigint>): Promise<bigint> {
    const userId = await found;
    if (userId > 0n) known.set(subjectKey(name), { userId, role: name.role });
    return userId;
  }

  return {
    ofToken({ issuer, subject }, given) {
      const role = given === 'SERVICE' ? 'CUSTOMER' : given;
      if (issuers.get(issuer)?.subjectIsUserId) return ofOwnId(BigInt(subject), role);
      const user = known.get(subjectKey({ issuer, subject }));
      if (user !== undefined && !isHigherRole(role, user.role)) return user.userId;
      const seen = { issuer, subject, role };
      return remembered(seen, addSeen(seen));
    },

    isListed: (text) => listed(text) !== undefined,

    async ofExternalId(text, ifMissing) {
      const name = listed(text);
      if (name === undefined) return undefined;
      if (name.subjectIsUserId) return BigInt(name.subject);
      const user = known.get(subjectKey(name));
      if (user !== undefined) return user.userId;
      const seen: SeenUser = { issuer: name.issuer, subject: name.subject, role: 'CUSTOMER' };
      const userId = await remembered(seen, ifMissing === 'ADD' ? addNamed(seen) : find(name));
      return userId > 0n ? userId : undefined;
    },

    async externalIds(userIds) {
      const found = new Map<bigint, string>();
      const unknown = new Set<bigint>();
      // Before the first call: what is added then may evict names that are needed here.
      for (const id of userIds) {
        const name = names.get(id);
        if (name === undefined) unknown.add(id);
        else if (name.externalId !== null) found.set(id, name.externalId);
      }
      const missing = [...unknown];
      for (const requested of slices(missing, NAMES_PER_CALL)) {
        const { externalIds } = await identity.getExternalIds({ userIds: requested });
        for (const { userId, externalId } of externalIds) found.set(userId, externalId);
        for (const id of requested) names.set(id, { externalId: found.get(id) ?? null });
      }
      return found;
    },
  };
}

/** The ids for different external ids, of those that `ofExternalId` finds. A part of them at a time: a long list leaves room for other requests. */
export async function ofExternalIds(
  users: Pick<ExternalUsers, 'ofExternalId'>,
  texts: readonly string[],
  ifMissing: IfMissing,
): Promise<ReadonlyMap<string, bigint>> {
  const ids = new Map<string, bigint>();
  for (let from = 0; from < texts.length; from += EXTERNAL_USERS_MAX) {
    const part = texts.slice(from, from + EXTERNAL_USERS_MAX);
    const found = await Promise.all(part.map((text) => users.ofExternalId(text, ifMissing)));
    for (const [place, id] of found.entries()) if (id !== undefined) ids.set(part[place] ?? '', id);
  }
  return ids;
}

const statedKeyOf = ({ userId, role }: StatedUser): string => `${userId} ${role}`;
