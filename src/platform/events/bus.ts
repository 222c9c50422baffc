/** An event as every consumer sees it, and as it stands on a topic. */
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

/** What a consumer gets for one topic: events in commit order; per aggregate `key` always in order. */
export interface Delivery {
  readonly topic: string;
  readonly key: string;
  readonly event: EventEnvelope;
}

/** Events given to a handler at once, so that their effects share one transaction. */
export const BATCH_MAX = 512;

/** Handles a batch in one transaction of its own, with an inbox; when it throws, the whole batch comes again. */
export type Handler = (batch: readonly Delivery[]) => Promise<void>;

/** In process or Kafka; at least once. */
export interface EventBus {
  /**
   * `group` names the consumer: each group sees every event. Call before `start`.
   * @param batchMax events given to the handler at once, at most. Default BATCH_MAX. More pays where the effect of a batch is
   *   a few rows, whatever its size; a handler that works event by event would hold up a stop and its own retries
   */
  subscribe(group: string, topics: readonly string[], handler: Handler, batchMax?: number): void;
  /** Which topics does anybody here want? The relay need not load the rest. Undefined = all of them. */
  readonly wanted: () => ReadonlySet<string> | undefined;
  /**
   * Resolves when the events need not be published again; calls keep their order per key. Many calls may be under way.
   * Rejects when they have to come again: a refusal is told before the next call can be made.
   * @param only the one group that handles them, to replay what it gave up; absent: each group of the topic does
   */
  publish(batch: readonly Delivery[], only?: string): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}
