/** Says which inboxes changed, to whoever watches some of them in this process. */
export interface InboxSignal {
  /** Call it after the commit. */
  notify(userIds: Iterable<bigint>): void;
  /** Returns how to stop listening. */
  subscribe(listener: (userIds: readonly bigint[]) => void): () => void;
}

export function createInboxSignal(): InboxSignal {
  const listeners = new Set<(userIds: readonly bigint[]) => void>();
  return {
    notify(userIds) {
      const ids = [...new Set(userIds)];
      if (ids.length > 0) for (const listener of listeners) listener(ids);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
