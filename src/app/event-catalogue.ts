import type { Topics } from '../platform/events/topic.ts';
import { joinTables } from '../platform/kernel/join-tables.ts';
import { CONTEXTS, contextsByName, runs } from './contexts.ts';
import type { ContextName } from './parts.ts';

/** The topics that each context declares, and publishes. */
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

/** The topics that some context consumes. What it cannot handle goes to the topic of dead letters beside them. */
export const CONSUMED: ReadonlySet<string> = new Set(Object.values(CONSUMERS).flat());

/** Topics whose messages need the signature of a known producer on Kafka. */
export const SIGNED_TOPICS: ReadonlySet<string> = new Set(
  Object.entries(TOPICS)
    .filter(([, { isSigned }]) => isSigned)
    .map(([name]) => name),
);

/** The producer that this system is, in the signatures of its events. */
export const OWN_PRODUCER = 'stampede';

const RUNNING = CONTEXTS.filter(runs);

/** The topics that each running context writes to. */
export const WRITERS: Readonly<Record<ContextName, readonly string[]>> = Object.fromEntries(
  RUNNING.map((context) => [
    context.name,
    [...Object.keys(context.publishes), ...('alsoPublishes' in context ? context.alsoPublishes : [])],
  ]),
) as unknown as Record<ContextName, readonly string[]>;

/** The topics that each running context creates: its own, and those of contexts that run elsewhere when it is the first to write them. */
export const OWNERS: Readonly<Record<ContextName, readonly string[]>> = ownersOf();

/** The contexts that write or consume signed topics, and so need the keys. */
export const SIGNING_CONTEXTS: ReadonlySet<string> = new Set(
  [...Object.entries(WRITERS), ...Object.entries(CONSUMERS)]
    .filter(([, topics]) => topics.some((topic) => SIGNED_TOPICS.has(topic)))
    .map(([name]) => name),
);

function ownersOf(): Record<ContextName, readonly string[]> {
  const owned = {} as Record<ContextName, readonly string[]>;
  const taken = new Set(RUNNING.flatMap(({ publishes }) => Object.keys(publishes)));
  for (const { name, publishes } of RUNNING) {
    const foreign = WRITERS[name].filter((topic) => !taken.has(topic));
    owned[name] = [...Object.keys(publishes), ...foreign];
    for (const topic of foreign) taken.add(topic);
  }
  const without = Object.keys(TOPICS).filter((topic) => !taken.has(topic));
  if (without.length > 0) throw new Error(`no running context writes to ${without.join(', ')}, so none creates it`);
  return owned;
}
