/** What is known of a topic here. */
interface KnownTopic {
  /** Which field of the data is the key. */
  readonly key: string;
  readonly isSigned?: true;
}

/** Who changed what, and which receivers fail, is for the administrators of this system. */
const PRIVATE: ReadonlySet<string> = new Set(['audit.recorded', 'webhook.disabled']);

/** The topic whose data has more of a user than ids. Its key is the user. */
export const PERSONAL_TOPIC = 'user.signed_up';
export const USER_DELETED = 'user.deleted';

/**
 * The topics that endpoints may name. Those of payments are left out: providers report them to this system, and `order.paid` reports the outcome.
 */
export const publicTopics = (topics: Readonly<Record<string, KnownTopic>>): readonly string[] =>
  Object.keys(topics).filter((name) => !PRIVATE.has(name) && topics[name]?.isSigned !== true);

/** What an event is about: the name and the value of its key. Deliveries of one subject arrive in order. */
export const subjectOf = (topics: Readonly<Record<string, KnownTopic>>, topic: string, key: string): string =>
  `${topics[topic]?.key ?? 'key'}:${key}`;
