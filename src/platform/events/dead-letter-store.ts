/** A dead letter, in PostgreSQL or on Kafka. */
export interface DeadLetter {
  /** The event's id, or the position of the message when it has no readable id. */
  readonly id: string;
  /** The consumer group that could not handle it. */
  readonly group: string;
  readonly topic: string;
  readonly key: string;
  /** As it was received: the event's JSON, or bytes that are no JSON. */
  readonly content: string;
  readonly reason: string;
  readonly failedAt: Date;
}

/** An absent field matches any dead letter. */
export interface DeadLetterFilter {
  readonly id?: string | undefined;
  readonly topic?: string | undefined;
  readonly group?: string | undefined;
}

/** The outcome of a replay. */
export type Replayed =
  | { readonly deadLetter: DeadLetter; readonly kind: 'handled' }
  | { readonly deadLetter: DeadLetter; readonly kind: 'failed again'; readonly reason: string }
  /** On Kafka: it is on its topic again. If it fails again, it becomes a new dead letter. */
  | { readonly deadLetter: DeadLetter; readonly kind: 'published' }
  /** No server runs that could deliver it, or delivery took too long to wait for. It stays marked. */
  | { readonly deadLetter: DeadLetter; readonly kind: 'marked' };

export interface DeadLetterStore {
  /** Oldest first, at most 10,000. */
  list(filter: DeadLetterFilter): Promise<readonly DeadLetter[]>;
  /** Delivers dead letters of this store to the consumer groups that could not handle them. */
  replay(deadLetters: readonly DeadLetter[]): Promise<readonly Replayed[]>;
  close(): Promise<void>;
}

export const DEAD_LETTERS_MAX = 10_000;

export const matches = ({ id, topic, group }: DeadLetterFilter, deadLetter: DeadLetter): boolean =>
  (id === undefined || id === deadLetter.id) &&
  (topic === undefined || topic === deadLetter.topic) &&
  (group === undefined || group === deadLetter.group);
