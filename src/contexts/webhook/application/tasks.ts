import type { ScheduledTask } from '../../../platform/context.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import { DAY_MS } from '../../../platform/kernel/durations.ts';
import type { DisabledReason } from '../domain/endpoint.ts';
import { WAITING_MAX } from '../domain/health.ts';
import type { DeliveryQueue } from './deliver/ports.ts';
import type { OldDeliveries } from './ports.ts';

const BATCH = 1_000;
/** No event about a user comes later: consumers handle what is published within days. */
const FORGOTTEN_KEPT_DAYS = 30;

export interface TaskDeps {
  readonly queue: Pick<DeliveryQueue, 'disableFull'>;
  readonly old: OldDeliveries;
  readonly keptDays: number;
  readonly clock: Clock;
  readonly onDisabled: (endpointId: bigint, reason: DisabledReason) => void;
}

/** Deletes finished deliveries, those that waited as long for a disabled endpoint, and those of deleted endpoints. */
export const deleteOldDeliveries = ({ old, keptDays, clock }: TaskDeps): ScheduledTask => ({
  name: 'webhook.delete-old',
  everyMinutes: 60,
  async run(signal) {
    const before = new Date(clock() - keptDays * DAY_MS);
    const forgottenBefore = new Date(clock() - FORGOTTEN_KEPT_DAYS * DAY_MS);
    const steps = [
      () => old.deleteFinished(before, BATCH),
      () => old.deleteStale(before, BATCH),
      () => old.deleteOrphans(BATCH),
      () => old.deleteForgotten(forgottenBefore, BATCH),
    ];
    let total = await old.eraseForgotten();
    for (const step of steps) {
      for (let rows = BATCH; rows === BATCH && !signal.aborted; total += rows) rows = await step();
    }
    return total;
  },
});

/** Disables endpoints for which too much waits. */
export const disableFull = ({ queue, clock, onDisabled }: TaskDeps): ScheduledTask => ({
  name: 'webhook.disable-full',
  everyMinutes: 1,
  async run() {
    const found = await queue.disableFull(WAITING_MAX, new Date(clock()));
    for (const id of found) onDisabled(id, 'BACKLOG');
    return found.length;
  },
});
