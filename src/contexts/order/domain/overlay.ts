/** A map with changes on top, so that a group copies nothing that it does not change. */
export interface Overlay<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  /** What was set, as it is now. */
  readonly changes: ReadonlyMap<Key, Value>;
}

export function overlay<Key, Value>(base: ReadonlyMap<Key, Value>): Overlay<Key, Value> {
  const changes = new Map<Key, Value>();
  return {
    changes,
    get: (key) => changes.get(key) ?? base.get(key),
    set: (key, value) => void changes.set(key, value),
  };
}
