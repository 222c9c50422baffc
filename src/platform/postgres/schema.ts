/** The technical tables that every context shares. A context's own tables are in a schema of its name. */
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  customType,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
  varchar,
} from 'drizzle-orm/pg-core';

const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' });
const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
const int4multirange = customType<{ data: string }>({ dataType: () => 'int4multirange' });
const instant = (name: string) => timestamp(name, { withTimezone: true });

export const platform = pgSchema('platform');

/** The outbox: one row for all events of one transaction. The relay publishes and deletes the rows. */
export const outbox = platform.table(
  'outbox',
  {
    id: bigint({ mode: 'bigint' }).primaryKey(),
    /**
     * The transaction that wrote the row, or the highest one that had ended when it was written, whichever is higher. The relay reads in the order of
     * `xid` and `place`. A transaction writes its row under its locks, so of two that change one aggregate the later one has the higher pair.
     */
    xid: xid8().notNull().default(sql`platform.outbox_xid()`),
    /** Rises in the order in which rows are written. */
    place: bigint({ mode: 'bigint' }).notNull().generatedByDefaultAsIdentity(),
    topics: text().array().notNull(),
    /** JSON of OutboxBatch[]. Text, because nothing in PostgreSQL looks inside. */
    payload: text().notNull(),
    /** How many events the payload holds. */
    events: integer().notNull(),
    /** Topic -> counted key -> events, for batches that name `countBy`. */
    tally: jsonb().$type<Record<string, Record<string, number>>>(),
    createdAt: instant('created_at').notNull().default(sql`clock_timestamp()`),
  },
  (table) => [uniqueIndex('outbox_order').on(table.xid, table.place)],
);

/**
 * What makes this database's event ids different from those of every other one: one row, written by the migration. See
 * event-source.ts.
 */
export const eventSource = platform.table(
  'event_source',
  {
    one: boolean().primaryKey().default(true),
    /** 64 random bits, as 16 hexadecimal digits. */
    source: text().notNull(),
    /** Outbox rows up to this id were written before there was a source; their events keep the ids without it. */
    bareUntil: bigint('bare_until', { mode: 'bigint' }).notNull(),
  },
  (table) => [
    check('event_source_one', sql`${table.one}`),
    check('event_source_source', sql`${table.source} ~ '^[0-9a-f]{16}$'`),
  ],
);

/** How many events left the outbox. With the tallies still in it, the audit knows how many were ever written. */
export const publishedEvents = platform.table(
  'published_events',
  {
    topic: text().notNull(),
    key: text().notNull(),
    events: bigint({ mode: 'bigint' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.topic, table.key] })],
);

/**
 * Which events a consumer has handled, written by the transaction that holds their effect: one row for all the events of
 * one outbox row. See inbox.ts.
 */
export const inbox = platform.table(
  'inbox',
  {
    consumer: text().notNull(),
    /** `<source>:<index>` is the event's id, with the database and the row in the source; the whole id of an event that others produced. */
    source: text().notNull(),
    /** The indexes handled so far. */
    seen: int4multirange().notNull(),
    /** What the last claim added to `seen`: how that claim learns it, under the row's lock. Null: all of it. */
    claimed: int4multirange(),
    /** When it was handled first, or was last found to be needed for a dead letter. */
    handledAt: instant('handled_at').notNull().default(sql`now()`),
  },
  (table) => [primaryKey({ columns: [table.consumer, table.source] }), index('inbox_handled_at').on(table.handledAt)],
);

/** Events that a consumer gave up on: `<topic>.DLQ` for consumers in process. */
export const deadLetters = platform.table(
  'dead_letters',
  {
    consumer: text().notNull(),
    eventId: text('event_id').notNull(),
    topic: text().notNull(),
    key: text().notNull(),
    event: jsonb().notNull(),
    reason: text().notNull(),
    failedAt: instant('failed_at').notNull().default(sql`now()`),
    /** When a replay was requested; null after the attempt. */
    replayAt: instant('replay_at'),
    /** The row of the inbox that knows whether the consumer has handled the event: `placeOf` of event-ids.ts, in SQL. */
    source: text().generatedAlwaysAs(
      sql`case when event_id ~ '^([0-9a-f]{16}-)?[0-9]{1,19}:(0|[1-9][0-9]{0,8})$' then split_part(event_id, ':', 1) else event_id end`,
    ),
  },
  (table) => [
    primaryKey({ columns: [table.consumer, table.eventId] }),
    index('dead_letters_source').on(table.consumer, table.source),
    index('dead_letters_replay').on(table.replayAt).where(sql`${table.replayAt} is not null`),
  ],
);

/** By what processes measure how far a read replica is behind: one row of each, which reaches the replica. See replica.ts. */
export const replicaBeats = platform.table('replica_beats', {
  reader: uuid().primaryKey(),
  /** The process's monotonic time before it sent the last beat. */
  sentMs: doublePrecision('sent_ms').notNull(),
  at: instant('at').notNull().default(sql`now()`),
});

/** The 1024 node numbers of Snowflake ids, all present from the start. See node-lease.ts. */
export const nodeLeases = platform.table(
  'node_leases',
  {
    node: smallint().primaryKey(),
    holder: uuid(),
    /** By the database's clock. */
    expiresAt: instant('expires_at').notNull().default(sql`'-infinity'`),
    /** Since when the present holder has it, by the database's clock. */
    takenAt: instant('taken_at'),
    /** The last millisecond (Unix) that an id with this number may carry so far. */
    idsUntilMs: bigint('ids_until_ms', { mode: 'bigint' }).notNull().default(sql`0`),
    /** What the holder last measured: database's clock minus its own. Null until it has. */
    clockOffsetMs: doublePrecision('clock_offset_ms'),
    /** By the database's clock. */
    clockMeasuredAt: instant('clock_measured_at'),
    /** Where the holder keeps files: see file-place.ts. Null: it keeps none, or has not published it yet. */
    filesPlace: text('files_place'),
    /** Values by which processes find out whether they have the same secrets and settings: see compare-processes.ts. Null: the holder compares none. */
    processChecks: text('secret_checks').array(),
  },
  (table) => [check('node_leases_node', sql`${table.node} between 0 and 1023`)],
);

/** Contexts that move from this database or to it, or have moved. Without a row a context is where its tables are. See context-moves.ts. */
export const contextMoves = platform.table(
  'context_moves',
  {
    context: text().primaryKey(),
    state: text().$type<'ARRIVING' | 'HERE' | 'LEFT'>().notNull(),
    /** The database that it came from, or went to: see context-moves.ts. */
    other: text().notNull(),
    at: instant('at').notNull().default(sql`now()`),
  },
  (table) => [check('context_moves_state', sql`${table.state} in ('ARRIVING', 'HERE', 'LEFT')`)],
);

/** Of which shard a context has its tables here, and among how many, as the settings of its first process said. Without a row it has no shards. */
export const shards = platform.table('shards', {
  context: text().primaryKey(),
  shard: smallint().notNull(),
  /** As COUPON_SHARDS or POINT_SHARDS has it. */
  eras: text().notNull(),
});

/** How far the time of a sandbox was moved: one row, where it was moved at all. */
export const sandboxClock = platform.table(
  'sandbox_clock',
  {
    one: boolean().primaryKey(),
    aheadMs: bigint('ahead_ms', { mode: 'bigint' }).notNull(),
  },
  (table) => [check('sandbox_clock_one', sql`${table.one}`)],
);

/**
 * Results of commands that carried a key, written by the transaction of the effect. A second command with the key gets the
 * result. See platform/idempotency.
 */
export const commandResults = platform.table(
  'command_results',
  {
    scope: text().notNull(),
    key: text().notNull(),
    requestHash: bytea('request_hash').notNull(),
    /** The encoded response of the contract. Its type follows from the operation in `scope`. */
    result: bytea().notNull(),
    /** Real time: no sandbox moves it. A row may outlive it until the next sweep. */
    expiresAt: instant('expires_at').notNull().default(sql`now() + interval '24 hours'`),
  },
  (table) => [
    primaryKey({ name: 'command_results_pkey', columns: [table.scope, table.key] }),
    index('command_results_expires_at').on(table.expiresAt),
  ],
);

/**
 * Which request a key belongs to over all shards of a context, in the shard that the key names. Without shards there are none. See
 * platform/idempotency/key-claims.ts.
 */
export const keyClaims = platform.table(
  'key_claims',
  {
    scope: text().notNull(),
    key: text().notNull(),
    requestHash: bytea('request_hash').notNull(),
    /** Requests that claimed it and were not refused. Without any it is free. */
    tries: integer('tries').notNull(),
    /** Each repeat moves it. A row may outlive it until the next sweep. */
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.scope, table.key] }), index('key_claims_expires_at').on(table.expiresAt)],
);

/** Responses that versions before `command_results` kept. Read until they are 24 h old; nothing is added. */
export const idempotencyKeys = platform.table(
  'idempotency_keys',
  {
    principal: text().notNull(),
    route: text().notNull(),
    key: text().notNull(),
    requestHash: bytea('request_hash').notNull(),
    state: text().$type<'RUNNING' | 'DONE'>().notNull(),
    /** While RUNNING: after this instant the request that took the key counts as crashed. */
    lockedUntil: instant('locked_until'),
    status: smallint(),
    headers: jsonb().$type<Record<string, string>>(),
    body: text(),
    createdAt: instant('created_at').notNull().default(sql`now()`),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.principal, table.route, table.key] }),
    index('idempotency_keys_expires_at').on(table.expiresAt),
    check('idempotency_keys_state', sql`${table.state} in ('RUNNING', 'DONE')`),
  ],
);

/**
 * Counters of the rate limits. Unlogged: after a crash of PostgreSQL the windows start again. `expire` is milliseconds as a double,
 * exact to 2^53, because the limiter subtracts from it, and the pools read int8 as bigint.
 */
export const rateLimits = platform.table(
  'rate_limits',
  {
    key: varchar({ length: 255 }).primaryKey(),
    points: integer().notNull().default(0),
    expire: doublePrecision(),
  },
  // For the sweep: without it every address that ever asked would be kept.
  (table) => [index('rate_limits_expire').on(table.expire)],
);

/** Digests of an account and an address from which it has logged in: there it has a limit of its own. */
export const knownLogins = platform.table(
  'known_logins',
  {
    digest: text().primaryKey(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [index('known_logins_expires_at').on(table.expiresAt)],
);
