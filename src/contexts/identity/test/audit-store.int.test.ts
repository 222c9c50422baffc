import { expect, it } from 'vitest';
import { testDatabase } from '../../../../test/support/postgres.ts';
import { expand } from '../../../platform/events/expand.ts';
import { openDatabase } from '../../../platform/postgres/database.ts';
import { postgresAuditStore } from '../adapters/postgres/audit-store.ts';

it('the store of the audit log adds each line of a batch once, also when it comes again with others', async () => {
  const { url, drop } = await testDatabase();
  const database = openDatabase({ url, onError: () => undefined });
  const store = postgresAuditStore(database.pool);
  const at = new Date('2026-03-01T09:00:00.123Z');
  const line = {
    at,
    actor: 'user:1',
    role: 'ADMIN',
    operation: 'cancelOrder',
    requestId: 'r',
    subject: null,
    fields: [],
  };
  const lines = [
    { ...line, id: 7_330_011_234_567_891n },
    { ...line, id: 7_330_011_234_567_892n, subject: `o-'"{주문},\\`, fields: ['amount', 'a "b", {c}'] },
    { ...line, id: 7_330_011_234_567_893n, actor: 'key:9', requestId: 'other' },
  ];
  const events = expand('x-1', at, [
    {
      topic: 'audit.recorded',
      source: 'audit',
      keyField: 'place',
      common: {},
      columns: ['place'],
      rows: [[0], [1], [2]],
    },
  ]);
  const lineOf = ({ key }: { readonly key: string }) => lines[Number(key)] as (typeof lines)[0];
  try {
    await store.addLines(events.slice(0, 2), lineOf);
    await store.addLines(events, lineOf);
    await store.addLines(events, lineOf);
    expect(await store.lines({ limit: 10 })).toEqual(lines.toReversed());
  } finally {
    await database.close();
    await drop();
  }
});
