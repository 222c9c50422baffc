import pino from 'pino';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { testImages } from '../../test/support/images.ts';
import { testDatabase } from '../../test/support/postgres.ts';
import type { EventBus } from '../platform/events/bus.ts';
import { systemClock } from '../platform/kernel/clock.ts';
import { EXTERNAL_ID_FIELD } from '../platform/kernel/external-id-fields.ts';
import { openDatabase } from '../platform/postgres/database.ts';
import { bind } from './bind.ts';
import { CONSUMERS, TOPICS } from './event-catalogue.ts';
import { ALL } from './parts.ts';

/** Topics by the context that subscribes to them; its groups are named `<context>.<what>`. */
async function subscriptions(): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  const bus: EventBus = {
    subscribe(group, topics) {
      const [context = ''] = group.split('.');
      found[context] = [...new Set([...(found[context] ?? []), ...topics])].sort();
    },
    subscribedTopics: () => new Set(),
    publish: async () => {},
    waitForConsumers: async () => {},
    start: async () => {},
    stop: async () => {},
  };
  const { url, drop } = await testDatabase();
  const database = openDatabase({ url, onError: () => {} });
  const { hosted } = bind(ALL, {
    database,
    bus,
    clock: systemClock,
    signInClock: systemClock,
    nextId: () => 1n,
    images: testImages(),
    metrics: new Registry(),
    log: pino({ level: 'silent' }),
    accessTokenLifeSeconds: 60,
    signAccessToken: () => '',
    topics: TOPICS,
    webhooks: { encryptionSecrets: ['secret'], keptDays: 7 },
  });
  await Promise.all(hosted.map((module) => module.stop()));
  await database.close();
  await drop();
  return found;
}

test('the catalogue lists the consumers of each topic, and contains every topic with a consumer', async () => {
  const stated = Object.entries(CONSUMERS).map(([context, topics]) => [context, [...topics].sort()]);
  expect(await subscriptions()).toEqual(Object.fromEntries(stated));
  expect(
    Object.values(CONSUMERS)
      .flat()
      .filter((name) => !(name in TOPICS)),
  ).toEqual([]);
});

test('the data of a topic names at most one user in the fields that get an external id, which webhooks erase with that user', () => {
  const named = Object.entries(TOPICS).map(([name, { data }]) => {
    const fields = Object.keys(z.toJSONSchema(data, { io: 'input' }).properties ?? {});
    return { name, fields: fields.filter((field) => field in EXTERNAL_ID_FIELD) };
  });
  expect(named.filter(({ fields }) => fields.length > 1)).toEqual([]);
  expect(new Set(named.flatMap(({ fields }) => fields))).toEqual(new Set(Object.keys(EXTERNAL_ID_FIELD)));
});
