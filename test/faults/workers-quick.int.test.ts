import { afterAll, beforeAll, expect, test } from 'vitest';
import { signal } from '../../src/platform/processes.ts';
import { untilGone, workersOf } from '../support/workers-of.ts';
import { rush } from './rush-faults.ts';
import { openStand, type Stand } from './stand.ts';
import { expectExact } from './verdict.ts';

let stand: Stand;
beforeAll(async () => {
  stand = await openStand([{ WORKERS: '3' }, { WORKERS: '2' }]);
});
afterAll(() => stand?.stop());

const SIZE = { users: 1_500, coupons: 300, clients: 48 };

test('a rush over five workers of two servers is exact through a kill -9 of two workers', async () => {
  const fault = async () => {
    for (const { pid } of stand.nodes) {
      const [worker] = workersOf(pid());
      expect(signal(worker ?? expect.unreachable(), 'SIGKILL')).toBe(true);
    }
  };
  await expectExact(stand, await rush(stand, { ...SIZE, fault }), SIZE);
});

test('a rush over five workers of two servers is exact through a kill -9 of the primary of three, whose workers end, too', async () => {
  const fault = async () => {
    let workers: readonly number[] = [];
    // One that was killed before is replaced a moment later.
    await expect.poll(() => (workers = workersOf(stand.nodes[0].pid()))).toHaveLength(3);
    await stand.nodes[0].killAndRestart();
    await untilGone(workers);
  };
  await expectExact(stand, await rush(stand, { ...SIZE, fault }), SIZE);
});
