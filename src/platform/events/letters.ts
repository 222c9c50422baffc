/** A dead letter, wherever it is kept. */
export interface Letter {
  /** The event's, or where the message stood when nobody can read an id in it. */
  readonly id: string;
  /** Which consumer gave it up. */
  readonly group: string;
  readonly topic: string;
  readonly key: string;
  /** As it came: the event's JSON, or what was there in its place. */
  readonly content: string;
  readonly reason: string;
  readonly failedAt: Date;
}

/** Absent: any. */
export interface LetterFilter {
  readonly id?: string | undefined;
  readonly topic?: string | undefined;
  readonly group?: string | undefined;
}

/** What became of a letter that was replayed. */
export type Replayed =
  | { readonly letter: Letter; readonly kind: 'handled' }
  | { readonly letter: Letter; readonly kind: 'failed again'; readonly reason: string }
  /** On Kafka: it is on its topic again, and a letter again if it fails. */
  | { readonly letter: Letter; readonly kind: 'published' }
  /** Nothing runs that could hand it over, or it takes longer than anybody waits here. It stays marked. */
  | { readonly letter: Letter; readonly kind: 'marked' };

export interface LetterBox {
  /** Oldest first, 10,000 at most. */
  list(filter: LetterFilter): Promise<readonly Letter[]>;
  /** Hands letters of this box to the consumers that gave them up. */
  replay(letters: readonly Letter[]): Promise<readonly Replayed[]>;
  close(): Promise<void>;
}

export const LETTERS_MAX = 10_000;

export const matches = ({ id, topic, group }: LetterFilter, letter: Letter): boolean =>
  (id === undefined || id === letter.id) &&
  (topic === undefined || topic === letter.topic) &&
  (group === undefined || group === letter.group);
