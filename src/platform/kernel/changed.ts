/** Returns the values of `now` that `before` lacks or has another object for, in the order of `now`. */
export const changed = <Key, Value>(now: ReadonlyMap<Key, Value>, before: ReadonlyMap<Key, Value>): Value[] =>
  [...now].filter(([key, value]) => before.get(key) !== value).map(([, value]) => value);
