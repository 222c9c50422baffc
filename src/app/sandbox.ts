import type { Logger } from 'pino';
import type { Sandbox } from '../gateway/routes/ops/sandbox.http.ts';
import type { AdjustableClock } from '../platform/sandbox/adjustable-clock.ts';
import type { Scheduler } from '../platform/scheduling/scheduler.ts';
import type { OtherProcess, ProcessService } from './process-service.ts';

export interface SandboxParts {
  /** Of this process, in whose database a move is recorded with its key. */
  readonly clock: AdjustableClock;
  readonly scheduler: Pick<Scheduler, 'runAll'>;
  readonly own: ProcessService;
  readonly others: readonly OtherProcess[];
  readonly log: Logger;
}

/** The sandbox over all processes: one time, and the tasks and events of every context. */
export function sandboxOfAll({ clock, scheduler, own, others, log }: SandboxParts): Sandbox {
  const everywhere = [own, ...others.map(({ process }) => process)];

  /** Returns the contexts that did not follow, and how far the first of the others is ahead. */
  async function moveOthers(
    aheadMs: number,
  ): Promise<{ readonly behind: readonly string[]; readonly aheadMs: number }> {
    const moves = await Promise.allSettled(
      others.map(({ process }) => process.moveSandboxTime({ aheadMs: BigInt(aheadMs) })),
    );
    const ahead = moves.map((move) => (move.status === 'fulfilled' ? Number(move.value.aheadMs) : aheadMs));
    const behind = others.flatMap(({ name }, index) => {
      const move = moves[index];
      if (move?.status !== 'rejected') return [];
      log.warn({ err: move.reason, context: name }, 'the time of a context did not move');
      return [name];
    });
    return { behind, aheadMs: Math.max(aheadMs, ...ahead) };
  }

  return {
    now: clock.now,
    aheadMs: clock.aheadMs,
    advance: clock.advance,
    async moveContexts() {
      if (others.length === 0) return [];
      const first = await moveOthers(clock.aheadMs());
      if (first.behind.length > 0 || first.aheadMs <= clock.aheadMs()) return first.behind;
      // A context was ahead, for example because the database of the gateway is new: time does not go back, so all follow it.
      return (await moveOthers(await clock.moveTo(first.aheadMs))).behind;
    },
    async runJobs() {
      const done: Record<string, number> = {};
      for (const { context, process } of others) {
        // Shards of a context run the same tasks.
        for (const { task, things } of (await process.runTasks({ context })).runs)
          done[task] = (done[task] ?? 0) + things;
      }
      return { ...done, ...(await scheduler.runAll()) };
    },
    async waitForEvents() {
      await Promise.all(everywhere.map((each) => each.waitForOutbox({})));
      await Promise.all(everywhere.map((each) => each.waitForConsumers({})));
    },
  };
}
