import type { Topics } from '../platform/events/topic.ts';
import { joinTables } from '../platform/kernel/join-tables.ts';
import { contextsByName } from './contexts.ts';

/** The topics that each context publishes. */
export const PRODUCERS: Readonly<Record<string, Topics>> = Object.fromEntries(
  contextsByName()
    .map(({ name, publishes }): [string, Topics] => [name, publishes])
    .filter(([, topics]) => Object.keys(topics).length > 0),
);

/** Every topic. A name that two contexts declare throws here, so that no process starts with it. */
export const TOPICS: Topics = joinTables(Object.entries(PRODUCERS));

/** The topics that each context consumes. event-catalogue.int.test.ts compares them with the subscriptions. */
export const CONSUMERS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  contextsByName()
    .map(({ name, consumes }): [string, readonly string[]] => [name, consumes(TOPICS)])
    .filter(([, topics]) => topics.length > 0),
);
