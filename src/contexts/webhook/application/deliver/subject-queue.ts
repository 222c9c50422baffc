import type { WaitingDelivery } from './ports.ts';

/** Deliveries of one endpoint that wait in memory: those of one subject follow each other, all others do not wait for each other. */
export interface SubjectQueue {
  /** In the order in which they are to be sent. */
  add(deliveries: readonly WaitingDelivery[]): void;
  /** Takes the next one whose subject has none on its way. */
  take(): WaitingDelivery | undefined;
  /** The one that was taken has arrived: the next one of its subject may follow. */
  succeed(delivery: WaitingDelivery): void;
  /** The one that was taken has not arrived. Removes those that would follow it, and returns them. */
  fail(delivery: WaitingDelivery): readonly WaitingDelivery[];
  /** Removes all that was not taken. */
  clear(): void;
  /** How many were not taken. */
  size(): number;
}

export function subjectQueue(): SubjectQueue {
  /** Of subjects of which one is on its way or ready: what follows. */
  const following = new Map<string, WaitingDelivery[]>();
  const ready: WaitingDelivery[] = [];
  let taken = 0;
  let size = 0;

  function leave(subject: string): WaitingDelivery[] {
    const rest = following.get(subject) ?? [];
    following.delete(subject);
    return rest;
  }

  return {
    add(deliveries) {
      size += deliveries.length;
      for (const delivery of deliveries) {
        const rest = following.get(delivery.subject);
        if (rest !== undefined) rest.push(delivery);
        else {
          following.set(delivery.subject, []);
          ready.push(delivery);
        }
      }
    },
    take() {
      const delivery = ready[taken];
      if (delivery === undefined) return undefined;
      taken += 1;
      size -= 1;
      if (taken === ready.length) {
        ready.length = 0;
        taken = 0;
      }
      return delivery;
    },
    succeed({ subject }) {
      const next = following.get(subject)?.shift();
      if (next === undefined) leave(subject);
      else ready.push(next);
    },
    fail({ subject }) {
      const rest = leave(subject);
      size -= rest.length;
      return rest;
    },
    clear() {
      for (const { subject } of ready.splice(taken)) leave(subject);
      for (const rest of following.values()) rest.length = 0;
      ready.length = 0;
      taken = 0;
      size = 0;
    },
    size: () => size,
  };
}
