/** A map with changes on top, so that a batch does not copy what it does not change. */
export interface Overlay<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): void;
  /** The values that were set, as they are now. */
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

/** The same for rows that belong to orders. */
export function ownedOverlay<Value extends { readonly id: bigint; readonly orderId: bigint }>(
  base: ReadonlyMap<bigint, Value>,
) {
  const { changes, get, set } = overlay(base);
  let ids: Map<bigint, Set<bigint>> | undefined;

  /** Built at the first use: batches that only place orders do not need it. */
  function index(): Map<bigint, Set<bigint>> {
    if (ids) return ids;
    ids = new Map();
    for (const value of base.values()) add(ids, value);
    return ids;
  }

  function add(to: Map<bigint, Set<bigint>>, { id, orderId }: Value): void {
    const known = to.get(orderId);
    if (known) known.add(id);
    else to.set(orderId, new Set([id]));
  }

  return {
    changes,
    of: (orderId: bigint): readonly Value[] => [...(index().get(orderId) ?? [])].flatMap((id) => get(id) ?? []),
    save(value: Value): Value {
      add(index(), value);
      set(value.id, value);
      return value;
    },
  };
}
