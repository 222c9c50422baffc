import type { Topics } from '../platform/events/topic.ts';
import { contextsByName } from './contexts.ts';

/** The topics that each context publishes. */
export const PRODUCERS: Readonly<Record<string, Topics>> = Object.fromEntries(
  contextsByName()
    .map(({ name, publishes }): [string, Topics] => [name, publishes])
    .filter(([, topics]) => Object.keys(topics).length > 0),
);

/** Every topic. A name belongs to one context only; tools/events/generated.test.ts checks that. */
export const TOPICS: Topics = Object.assign({}, ...Object.values(PRODUCERS));

/** The topics that each context consumes. event-catalogue.int.test.ts compares them with the subscriptions. */
export const CONSUMERS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  contextsByName()
    .map(({ name, consumes }): [string, readonly string[]] => [name, consumes(TOPICS)])
    .filter(([, topics]) => topics.length > 0),
);
