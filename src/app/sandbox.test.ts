import { pino } from 'pino';
import { expect, it } from 'vitest';
import type { AdjustableClock } from '../platform/sandbox/adjustable-clock.ts';
import type { ProcessService } from './process-service.ts';
import { sandboxOfAll } from './sandbox.ts';

/** Processes in memory, by name, and what they were asked in order. */
function system(aheadMs: Record<string, number>, away: readonly string[] = []) {
  const times = { ...aheadMs };
  const asked: string[] = [];
  const processOf = (name: string): ProcessService => ({
    claimKeys: async () => ({ claimed: [], triedBefore: [] }),
    releaseKeys: async () => ({}),
    findNamedFiles: async () => ({ names: [], place: '' }),
    async moveSandboxTime({ aheadMs: ms }) {
      if (away.includes(name)) throw new Error('away');
      times[name] = Math.max(times[name] ?? 0, Number(ms));
      return { aheadMs: BigInt(times[name]) };
    },
    async runTasks({ context }) {
      asked.push(`tasks of ${context}`);
      return { runs: [{ task: `${context}.task`, things: 1 }] };
    },
    async waitForOutbox() {
      await new Promise((resolve) => setImmediate(resolve));
      asked.push('outbox');
      return {};
    },
    async waitForConsumers() {
      asked.push('consumers');
      return {};
    },
  });
  const clock: AdjustableClock = {
    now: () => times['gateway'] ?? 0,
    aheadMs: () => times['gateway'] ?? 0,
    advance: () => Promise.reject(new Error('not asked')),
    moveTo: async (ms) => {
      times['gateway'] = ms;
      return ms;
    },
    stop: () => {},
  };
  const names = Object.keys(aheadMs).filter((name) => name !== 'gateway');
  const sandbox = sandboxOfAll({
    clock,
    scheduler: { runAll: async () => ({ 'files.sweep': 2 }) },
    own: processOf('gateway'),
    others: names.map((name) => ({ name, context: name.split('.', 1)[0] ?? '', process: processOf(name) })),
    log: pino({ level: 'silent' }),
  });
  return { sandbox, times, asked };
}

it('every context follows the time of the gateway, and those that do not are named', async () => {
  const { sandbox, times } = system({ gateway: 5_000, coupon: 0, point: 4_000, store: 5_000 }, ['point']);
  expect(await sandbox.moveContexts()).toEqual(['point']);
  expect(times).toEqual({ gateway: 5_000, coupon: 5_000, point: 4_000, store: 5_000 });
});

it('all follow a context that is ahead of the gateway, because time does not go back', async () => {
  const { sandbox, times } = system({ gateway: 0, coupon: 9_000, point: 1_000 });
  expect(await sandbox.moveContexts()).toEqual([]);
  expect(times).toEqual({ gateway: 9_000, coupon: 9_000, point: 9_000 });
});

it('events are waited for in every outbox first, and only then at the consumers', async () => {
  const { sandbox, asked } = system({ gateway: 0, coupon: 0, point: 0 });
  await sandbox.waitForEvents();
  expect(asked).toEqual(['outbox', 'outbox', 'outbox', 'consumers', 'consumers', 'consumers']);
});

it('the tasks of every context run, and those of the gateway', async () => {
  const { sandbox, asked } = system({ gateway: 0, coupon: 0, point: 0 });
  expect(await sandbox.runJobs()).toEqual({ 'coupon.task': 1, 'point.task': 1, 'files.sweep': 2 });
  expect(asked).toEqual(['tasks of coupon', 'tasks of point']);
});

it('the tasks of every shard of a context run, and what they processed is added up', async () => {
  const { sandbox, asked } = system({ gateway: 0, coupon: 0, 'coupon.1': 0 });
  expect(await sandbox.runJobs()).toEqual({ 'coupon.task': 2, 'files.sweep': 2 });
  expect(asked).toEqual(['tasks of coupon', 'tasks of coupon']);
});
