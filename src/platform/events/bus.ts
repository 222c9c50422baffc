/** An event as consumers get it, and as it is stored on a topic. */
export interface EventEnvelope<Data = Readonly<Record<string, unknown>>> {
  /** `<source>-<outbox row>:<index>`, unique over all databases: the key of deduplication. */
  readonly eventId: string;
  /** COUPON_ISSUED: the topic in upper snake case. */
  readonly eventType: string;
  /** RFC 3339, UTC. */
  readonly timestamp: string;
  readonly data: Data;
  readonly metadata: { readonly correlationId: string; readonly source: string; readonly version: string };
}

/** One event for a consumer. Events of a topic come in commit order; events with the same `key` always come in order. */
export interface Delivery<Data = Readonly<Record<string, unknown>>, Topic extends string = string> {
  readonly topic: Topic;
  readonly key: string;
  readonly event: EventEnvelope<Data>;
  /**
   * The start of the server whose outbox it is in until after its effect: a run of PostgreSQL that `serverStart` names. `handleOnce`
   * has a use for it. Undefined for what comes from elsewhere.
   */
  readonly outboxServer?: string;
}

/** An event of one of the topics of `Events`, with the data that its topic has. */
export type DeliveryOf<Events, Topic extends keyof Events = keyof Events> = {
  readonly [Name in Topic]: Delivery<Events[Name], Name & string>;
}[Topic];

/** Default for the events that a handler gets in one call: their effects share one transaction. */
export const BATCH_MAX = 512;

/** Handles a batch in one transaction of its own, with the inbox. When it throws, the whole batch is delivered again. */
export type Handler<Event = Delivery> = (batch: readonly Event[]) => Promise<void>;

/**
 * At-least-once delivery, in process or through Kafka.
 * @typeParam Group the consumers that may subscribe
 */
export interface EventBus<Group extends string = string> {
  /**
   * `group` names the consumer: each group sees every event. Call before `start`. The topic of an event decides the type of its data, which was checked
   * before the handler gets it (check.ts).
   * @param batchMax the most events in one call of the handler. Default BATCH_MAX. A larger value pays where a batch writes a few
   *   rows, whatever its size. A handler that works event by event would delay shutdown and its own retries
   */
  subscribe<Event extends Delivery<unknown> = Delivery>(
    group: Group,
    topics: readonly Event['topic'][],
    handler: Handler<Event>,
    batchMax?: number,
  ): void;
  /** The topics with a consumer in this process; the relay does not load the payload of others. Undefined: all topics. */
  readonly subscribedTopics: () => ReadonlySet<string> | undefined;
  /**
   * Resolves when the events need not be published again. Calls keep their order per key, and many may run at the same time.
   * Rejects when the events have to be published again. A call that is refused at once rejects before the next call can be made.
   * @param only the one consumer group that handles them, to replay its dead letters; absent: each group of the topic handles them
   */
  publish(batch: readonly Delivery[], only?: string): Promise<void>;
  /**
   * Resolves when the consumers that this process has are done with every event that was published before the call. In process that is
   * at once, because `publish` waits for them.
   * @throws Unavailable when that takes longer than 30 s, for example because a consumer fails
   */
  waitForConsumers(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}
