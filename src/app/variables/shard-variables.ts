import { z } from 'zod';
import { databaseUrl, wholeNumber } from './schemas.ts';
import { addressVariable, type ServiceAddress, serviceAddress } from './service-variables.ts';
import type { ValuesOf, Variables } from './variable.ts';

/** The contexts that may have several databases. */
export const SHARDED = ['coupon', 'point'] as const;
export type ShardedName = (typeof SHARDED)[number];
export const isSharded = (name: string): name is ShardedName => SHARDED.some((each) => each === name);

export const SHARDS_MAX = 8;

/** From `sinceMs` on (Unix) there are this many shards. Before the first era there is one. */
export interface Era {
  readonly sinceMs: number;
  readonly shards: number;
}

export interface ShardedContext {
  readonly eras: readonly Era[];
  /** Of all eras, also of those to come. */
  readonly shards: number;
  /** Where the shards after the first one are: shard 1, shard 2 and so on. Empty: by etcd. */
  readonly addresses: readonly ServiceAddress[];
  /** Their databases, for the audit. Empty: not known to this process. */
  readonly databaseUrls: readonly string[];
}

export interface ShardSettings {
  /** The shard of this process. Undefined: it has no part that is sharded. */
  readonly own: number | undefined;
  /** The contexts with several shards. */
  readonly of: Readonly<Partial<Record<ShardedName, ShardedContext>>>;
}

type VariableNameOf<Suffix extends string> = `${Uppercase<ShardedName>}_${Suffix}`;
const variable = <Suffix extends string>(name: ShardedName, suffix: Suffix): VariableNameOf<Suffix> =>
  `${name.toUpperCase() as Uppercase<ShardedName>}_${suffix}`;
export const shardsVariable = (name: ShardedName): VariableNameOf<'SHARDS'> => variable(name, 'SHARDS');
export const shardAddressesVariable = (name: ShardedName): VariableNameOf<'SHARD_ADDRESSES'> =>
  variable(name, 'SHARD_ADDRESSES');
export const shardDatabasesVariable = (name: ShardedName): VariableNameOf<'SHARD_DATABASE_URLS'> =>
  variable(name, 'SHARD_DATABASE_URLS');

const COUNT = new RegExp(`^[1-${SHARDS_MAX}]$`);

/** `2`, or `2@2026-12-01T00:00:00Z` where one database was there before; later numbers follow after commas. */
function readEras(text: string, context: z.RefinementCtx): readonly Era[] {
  const eras = text.split(',').map((part): Era => {
    const [count = '', since] = part.trim().split('@');
    return {
      shards: COUNT.test(count) ? Number(count) : Number.NaN,
      sinceMs: since === undefined ? 0 : Date.parse(since),
    };
  });
  const isRising = eras.every((era, index) => {
    const before = eras[index - 1] ?? { shards: 0, sinceMs: -1 };
    return era.shards > before.shards && era.sinceMs > before.sinceMs;
  });
  if (!isRising) {
    context.addIssue(
      `must be 1 to ${SHARDS_MAX}, with @ and the time from which it holds; more of them follow in their order`,
    );
    return z.NEVER;
  }
  return eras;
}

/** As the variable has them. */
export const erasText = (eras: readonly Era[]): string =>
  eras
    .map(({ shards, sinceMs }) => (sinceMs === 0 ? `${shards}` : `${shards}@${new Date(sinceMs).toISOString()}`))
    .join(',');

/** A number alone: see ADR 64. */
function readFixed(text: string, context: z.RefinementCtx): readonly Era[] {
  if (COUNT.test(text.trim())) return [{ sinceMs: 0, shards: Number(text) }];
  context.addIssue(
    /[@,]/.test(text)
      ? 'must be one number without times: the account of a user stays in the shard that a hash of the user chooses among them, so accounts would be lost when the number changes'
      : `must be 1 to ${SHARDS_MAX}`,
  );
  return z.NEVER;
}

const listOf = <Item>(item: z.ZodType<Item, string>) =>
  z
    .string()
    .transform((text) => text.trim().split(/\s+/))
    .pipe(z.array(item))
    .optional();

export const SHARD_VARIABLES = {
  SHARD: {
    schema: wholeNumber(0, SHARDS_MAX - 1).optional(),
    advice: 'Set the number of the shard of this process, from 0, or leave it out.',
  },
  COUPON_SHARDS: {
    schema: z.string().transform(readEras).optional(),
    advice: 'Set for example 2@2026-12-01T00:00:00Z, or leave it out.',
  },
  POINT_SHARDS: {
    schema: z.string().transform(readFixed).optional(),
    advice: 'Set the number with which the system began, or leave it out.',
  },
  ...byName('SHARD_ADDRESSES', {
    schema: listOf(serviceAddress),
    advice: 'Set for each shard after shard 0 what has the form of 127.0.0.1:50051, with spaces between.',
  }),
  ...byName('SHARD_DATABASE_URLS', {
    schema: listOf(databaseUrl()),
    advice: 'Set postgres://user:password@host:5432/database for each shard after shard 0, with spaces between.',
    isSecret: true,
  }),
} satisfies Variables;

function byName<Suffix extends string, Value>(suffix: Suffix, value: Value) {
  return Object.fromEntries(SHARDED.map((name) => [variable(name, suffix), value])) as Record<
    VariableNameOf<Suffix>,
    Value
  >;
}

type Values = ValuesOf<typeof SHARD_VARIABLES>;

export function shardsOf(values: Values): ShardSettings {
  const contexts = SHARDED.flatMap((name) => {
    const eras = values[shardsVariable(name)];
    const shards = Math.max(...(eras ?? []).map((era) => era.shards));
    // One shard is no sharding, so that a number can be set before there are several.
    if (eras === undefined || shards < 2) return [];
    const [addresses = [], databaseUrls = []] = [
      values[shardAddressesVariable(name)],
      values[shardDatabasesVariable(name)],
    ];
    return [[name, { eras, shards, addresses, databaseUrls }] as const];
  });
  return { own: values.SHARD, of: Object.fromEntries(contexts) };
}

/** Returns a line for each variable of shards that does not fit the number of shards. */
export function shardProblems({ of }: ShardSettings): readonly string[] {
  return SHARDED.flatMap((name) => {
    const { shards = 1, addresses = [], databaseUrls = [] } = of[name] ?? {};
    const wanted = shards - 1;
    const problems: string[] = [];
    if (addresses.length > 0 && addresses.length !== wanted) {
      problems.push(
        `${shardAddressesVariable(name)} has ${addresses.length} addresses. Set ${wanted}, one for each shard after shard 0, which is at ${addressVariable(name)}.`,
      );
    }
    if (databaseUrls.length > 0 && databaseUrls.length !== wanted)
      problems.push(
        `${shardDatabasesVariable(name)} has ${databaseUrls.length} URLs. Set ${wanted}, one for each shard after shard 0.`,
      );
    return problems;
  });
}
