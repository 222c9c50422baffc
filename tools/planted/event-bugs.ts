import type { PlantedBug } from './bugs.ts';

const EVENTS = 'src/platform/events';
const KAFKA = `${EVENTS}/kafka`;
const ORDER_TEST = [`${EVENTS}/relay-order.int.test.ts`];
const RELAY_TEST = [`${EVENTS}/relay.int.test.ts`];
const SOURCE_TEST = [`${EVENTS}/event-source.int.test.ts`];
const ABORTED_TEST = [`${KAFKA}/aborted.int.test.ts`];

/** Bugs on the way of an event from the outbox to its consumers. */
export const EVENT_BUGS: readonly PlantedBug[] = [
  {
    name: 'kafka: only the failed request rejected, so that later events overtake it',
    file: `${KAFKA}/publisher.ts`,
    within: 'kafkaPublisher',
    search: `rejectAll([...request, ...queue], error);
        queue = [];`,
    replace: 'rejectAll(request, error);',
    tests: [`${KAFKA}/publisher.int.test.ts`],
  },
  {
    name: 'kafka: records of aborted transactions handled',
    file: `${KAFKA}/read-committed.ts`,
    within: 'readCommitted',
    search: 'return (batch.attributes & TRANSACTIONAL) === 0 || !aborting.has(batch.producerId);',
    replace: 'return true;',
    tests: ABORTED_TEST,
    only: 'before, between and after',
  },
  {
    name: 'kafka: a producer that aborted once is left out for good',
    file: `${KAFKA}/read-committed.ts`,
    within: 'readCommitted',
    search: 'if (isAbort(batch)) aborting.delete(batch.producerId);',
    replace: '',
    tests: ABORTED_TEST,
    only: 'before, between and after',
  },
  {
    name: 'kafka: responses filtered by the client',
    file: `${KAFKA}/fetcher.ts`,
    within: 'fetcher',
    search: 'const response = await fetchFrom(client, broker, wanted);',
    replace: `const { topics: known } = await client.metadata({ topics: [...topics] });
      const response = await client.fetch({
        node,
        maxWaitTime: 1_000,
        isolationLevel: 1,
        topics: [...Map.groupBy(wanted, ({ topic }) => topic)].map(([topic, own]) => ({
          topicId: known.get(topic).id,
          partitions: own.map(({ partition, fetchFrom: fetchOffset }) => {
            return { partition, fetchOffset, partitionMaxBytes: 1_000_000, currentLeaderEpoch: -1, lastFetchedEpoch: -1 };
          }),
        })),
      });
      for (const each of response.responses) {
        each.topicId = [...known].find(([, { id }]) => id === each.topicId)[0];
      }`,
    tests: ABORTED_TEST,
    only: 'that wrote nothing was aborted',
  },
  {
    name: 'event ids: without the source of the database',
    file: `${EVENTS}/event-source.ts`,
    within: 'readEventSource',
    search: '`${row.source}-${rowId}`',
    replace: 'rowId',
    tests: SOURCE_TEST,
    only: 'two fresh databases',
  },
  {
    name: 'event ids: rows that may have been published under their bare ids get new ones',
    file: `${EVENTS}/event-source.ts`,
    within: 'readEventSource',
    search: 'BigInt(rowId) <= bareUntil',
    replace: 'BigInt(rowId) < bareUntil',
    tests: SOURCE_TEST,
    only: 'before there was a source',
  },
  {
    name: 'event ids: a number of another producer taken for an index of no row',
    file: 'src/platform/postgres/event-ids.ts',
    within: 'lastRow',
    search: 'let lastRow: string | undefined;',
    replace: "let lastRow = '';",
    tests: ['src/platform/postgres/event-ids.test.ts'],
    only: 'whatever ids came before',
  },
  {
    name: 'replay: a letter on Kafka handled by every group',
    file: `${KAFKA}/records.ts`,
    within: 'isMeantFor',
    search: 'return named == null || named.toString() === group;',
    replace: 'return true;',
    tests: [`${KAFKA}/dead-letter-store.int.test.ts`],
    only: 'only the group that gave it up',
  },
  {
    name: 'replay: what a consumer knows of a dead letter forgotten after days',
    file: 'src/platform/postgres/inbox.ts',
    within: 'FORGET',
    search: 'l.source = i.source',
    replace: 'l.event_id = i.source',
    tests: ['src/platform/postgres/inbox.int.test.ts'],
    only: 'as long as a dead letter',
  },
  {
    name: 'relay: each old row of the inbox compared with each dead letter',
    file: 'src/platform/postgres/inbox.ts',
    within: 'FORGET',
    search: 'l.source = i.source',
    replace: "starts_with(l.event_id, i.source || ':')",
    tests: RELAY_TEST,
    only: 'many dead letters',
  },
  {
    name: 'relay: stopped by a clean-up that fails',
    file: `${EVENTS}/relay.ts`,
    within: 'lead',
    search: "await forget().catch((err) => log.warn({ err }, 'old inbox rows were not deleted'));",
    replace: 'await forget();',
    tests: RELAY_TEST,
    only: 'cannot be cleaned up',
  },
  {
    name: 'inbox: a clean-up that looks at the same needed rows each time',
    file: 'src/platform/postgres/inbox.ts',
    within: 'FORGET',
    search: 'set handled_at = now() where',
    replace: 'set handled_at = handled_at where',
    tests: ['src/platform/postgres/inbox.int.test.ts'],
    only: 'rows behind those that dead letters need',
  },
  {
    name: 'relay: the next row published before a refusal is known',
    file: `${EVENTS}/outbox-drain.ts`,
    within: 'outboxDrain',
    search: '        await afterMicrotasks();\n',
    replace: '',
    tests: ORDER_TEST,
    only: 'read with it',
  },
  {
    name: 'relay: a row published behind a refusal because it was put in order meanwhile',
    file: `${EVENTS}/outbox-drain.ts`,
    within: 'outboxDrain',
    search: '      if (retryAt !== undefined) return;\n',
    replace: '',
    tests: ORDER_TEST,
    only: 'put aside',
  },
  {
    name: 'audit: events of refunds not counted',
    file: 'src/contexts/order/events.ts',
    within: 'COUNTED_TOPICS',
    search: "  'order.refunded',\n",
    replace: '',
    tests: ['src/contexts/order/adapters/postgres/audits/audits.int.test.ts'],
    only: 'compares the events',
  },
  {
    name: 'audit: an event that is missing is overlooked',
    file: `${EVENTS}/event-counts.sql`,
    search: 'when coalesce(facts, 0) <> ',
    replace: 'when coalesce(facts, 0) < ',
    tests: ['src/contexts/order/adapters/postgres/audits/audits.int.test.ts'],
    only: 'an event that was never written',
  },
  {
    name: 'sandbox: the wait for events does not wait',
    file: `${EVENTS}/wait-for-outbox.ts`,
    within: 'waitForOutbox',
    search: '?.waiting',
    replace: '?.waiting === undefined',
    tests: [`${EVENTS}/wait-for-outbox.int.test.ts`],
  },
  {
    name: 'sandbox: the wait for events includes what is written later',
    file: `${EVENTS}/wait-for-outbox.ts`,
    within: 'IS_WAITING',
    search: 'where pg_visible_in_snapshot(xid, $1::pg_snapshot)',
    replace: 'where $1::pg_snapshot is not null',
    tests: [`${EVENTS}/wait-for-outbox.int.test.ts`],
  },
  {
    name: 'sandbox: anybody runs the tasks',
    file: 'src/gateway/routes/ops/sandbox.http.ts',
    within: 'routesOf',
    search: "within 30 s.', access: ['ADMIN']",
    replace: "within 30 s.', access: 'ANYBODY'",
    tests: ['test/gateway/sandbox.int.test.ts'],
    only: 'is for administrators',
  },
];
