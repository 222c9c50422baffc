import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { type PostgresProxy, postgresProxy } from '../../../test/support/postgres-proxy.ts';
import { expand } from '../events/expand.ts';
import type { OutboxBatch } from '../events/outbox.ts';
import { parsePayload } from '../events/outbox-rows.ts';
import { type Idempotency, Replay } from '../kernel/command-key.ts';
import type { AuditEntry } from '../kernel/contract.ts';
import { RolledBack } from '../postgres/batch-transaction.ts';
import { type Database, openDatabase } from '../postgres/database.ts';
import { postgresBatches } from './postgres-batches.ts';

/** Adds a note, unless it is there or empty. */
interface AddNote {
  readonly note: string;
}
interface Decision {
  readonly outcomes: readonly ('added' | 'refused')[];
  readonly added: readonly string[];
}

const READ = 'select note from public.notes where note = any($1::text[])';
const INSERT = 'insert into public.notes (note, batch_id) select note, $2::bigint from unnest($1::text[]) as note';
const IS_MINE = 'select 1 from public.notes where note = $1 and batch_id = $2';

let home: TestDatabase;
let proxy: PostgresProxy;
let databases: Database[];
let events: number;
beforeEach(async () => {
  home = await testDatabase();
  proxy = await postgresProxy(home.url);
  databases = [home.url, proxy.url].map((url) => openDatabase({ url, onError: () => {} }));
  events = 0;
  await databases[0]?.pool.query('create table public.notes (note text primary key, batch_id bigint not null)');
});
afterEach(async () => {
  for (const database of databases) await database.close();
  await proxy.close();
  await home.drop();
});

const eventsAbout = (added: readonly string[]): OutboxBatch[] =>
  added.length === 0
    ? []
    : [
        {
          topic: 'test.noted',
          source: 'test',
          keyField: 'note',
          common: {},
          columns: ['note'],
          rows: added.map((note) => [note]),
        },
      ];

/** A store of notes on one of the two connections, with ids from 1 on. */
function notes(through: 'direct' | 'proxy') {
  const database = databases[through === 'direct' ? 0 : 1] as Database;
  let lastId = 0n;
  const change = postgresBatches<'notes', AddNote, ReadonlySet<string>, Decision>(
    { database, nextId: () => ++lastId, eventsOf: ({ added }) => eventsAbout(added), onEvents: () => events++ },
    {
      load: (commands) =>
        new Map([['notes', { name: 'notes-read', text: READ, values: [commands.map(({ note }) => note)] }]]),
      toSnapshot: (rowsOf) => new Set(rowsOf<AddNote>('notes').map(({ note }) => note)),
      write: ({ added }, _, batchId) =>
        added.length === 0 ? [] : [{ name: 'notes-insert', text: INSERT, values: [added, batchId] }],
      wasCommitted: async (client, { added: [first] }, batchId) =>
        first === undefined ? undefined : (await client.query(IS_MINE, [first, batchId])).rowCount === 1,
    },
  );
  return async (...commands: readonly (AddNote & { readonly idempotency?: Idempotency<Decision['outcomes'][0]> })[]) =>
    (
      await change(commands, (present, _, fresh) => {
        const added = fresh.map(({ note }) => note).filter((note) => note !== '' && !present.has(note));
        return { added, outcomes: fresh.map(({ note }) => (added.includes(note) ? 'added' : 'refused')) };
      })
    ).outcomes;
}

const withKey = (note: string, key = note) => ({
  note,
  idempotency: {
    commandKey: { scope: 'notes', key, requestHash: Buffer.from(note) },
    resultOf: (outcome: string) => Buffer.from(outcome),
  },
});
const replay = (result: string) => new Replay(Buffer.from(result));

/** As for a change by an administrator: only what was added leaves a line. */
function audited(note: string, line: Pick<AuditEntry, 'id' | 'operation' | 'fields'>, key = note) {
  const audit = { ...line, actor: `user:${line.id}`, role: 'ADMIN', requestId: `r-${line.id}`, subject: undefined };
  const { idempotency } = withKey(note, key);
  return {
    note,
    idempotency: {
      ...idempotency,
      commandKey: { ...idempotency.commandKey, audit },
      auditOf: (outcome: string) => (outcome === 'added' ? audit : undefined),
    },
  };
}

/** The lines of the audit log in the outbox, in the order of their ids, and in how many rows. */
async function writtenLines() {
  const { rows } = await (databases[0] as Database).pool.query<{ payload: string }>(
    `select payload from platform.outbox where 'audit.recorded' = any(topics)`,
  );
  const lines = rows.flatMap(({ payload }) => expand('x', new Date(), parsePayload(payload)));
  return { rows: rows.length, lines: lines.map(({ key, event: { data } }) => ({ key, ...data })).sort(byId) };
}
const byId = (a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>) =>
  Number(a['auditId']) - Number(b['auditId']);

it('a batch decides the commands whose key is new, replays the others, and reports events only when it has some', async () => {
  const change = notes('direct');
  expect(await change(withKey('a'), { note: 'b' })).toEqual(['added', 'added']);
  expect(events).toBe(1);
  expect(await change({ note: 'b' }, withKey('a'), withKey('', 'c'))).toEqual(['refused', replay('added'), 'refused']);
  expect(events).toBe(1);
});

it('a batch writes in one row what each command with an effect leaves in the audit log, and keeps the key of a refused one, too', async () => {
  const change = notes('direct');
  const commands = [
    audited('a', { id: 101n, operation: 'Notes_add', fields: ['note'] }),
    audited('b', { id: 102n, operation: 'Notes_add', fields: ['note'] }),
    audited('', { id: 103n, operation: 'Notes_add', fields: ['note'] }, 'refused'),
    audited('c', { id: 104n, operation: 'Notes_import', fields: ['note'] }),
    audited('d', { id: 105n, operation: 'Notes_add', fields: ['a', 'note'] }),
    audited('a', { id: 106n, operation: 'Notes_add', fields: ['note'] }),
  ];
  const added = await change(...commands);
  expect(added).toEqual(['added', 'added', 'refused', 'added', 'added', replay('added')]);
  expect(await change(...commands)).toEqual(
    ['added', 'added', 'refused', 'added', 'added', 'added'].map((outcome) => replay(outcome)),
  );
  const line = (id: number, operation: string, fields: readonly string[]) => {
    const actor = `user:${id}`;
    const rest = { role: 'ADMIN', requestId: `r-${id}`, subject: null };
    return { key: actor, auditId: String(id), actor, operation, fields, ...rest };
  };
  expect(await writtenLines()).toEqual({
    rows: 1,
    lines: [
      line(101, 'Notes_add', ['note']),
      line(102, 'Notes_add', ['note']),
      line(104, 'Notes_import', ['note']),
      line(105, 'Notes_add', ['a', 'note']),
    ],
  });
});

describe('when the connection breaks at COMMIT', () => {
  it.each([['a'], ['']])(
    'a batch whose COMMIT was carried out has its outcome, with a row of its own or without: "%s"',
    async (note) => {
      proxy.atNextCommit('answer lost after the commit');
      const [outcome] = await notes('proxy')(withKey(note, 'key'));
      expect(proxy.cuts()).toBe(1);
      expect(await notes('direct')(withKey(note, 'key'))).toEqual([replay(String(outcome))]);
    },
  );

  it.each([['a'], ['']])(
    'a batch whose COMMIT was lost was rolled back, with a row of its own or without: "%s"',
    async (note) => {
      proxy.atNextCommit('request lost');
      await expect(notes('proxy')(withKey(note, 'key'))).rejects.toBeInstanceOf(RolledBack);
      expect(proxy.cuts()).toBe(1);
      expect(await notes('direct')(withKey(note, 'key'))).toEqual([note === '' ? 'refused' : 'added']);
    },
  );

  it('a batch without any effect counts as committed', async () => {
    proxy.atNextCommit('request lost');
    expect(await notes('proxy')({ note: '' })).toEqual(['refused']);
  });
});
