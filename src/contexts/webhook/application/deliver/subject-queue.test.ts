import { expect, test } from 'vitest';
import type { WaitingDelivery } from './ports.ts';
import { subjectQueue } from './subject-queue.ts';

const of = (id: number, subject: string): WaitingDelivery => ({
  id: BigInt(id),
  eventId: String(id),
  subject,
  body: '{}',
  attempts: 0,
});
const ids = (deliveries: readonly (WaitingDelivery | undefined)[]) => deliveries.map((each) => each && Number(each.id));

test('deliveries of one subject follow each other, and no other one waits for them', () => {
  const queue = subjectQueue();
  const [a1, a2, b1] = [of(1, 'a'), of(2, 'a'), of(3, 'b')];
  queue.add([a1, a2, b1]);
  expect(ids([queue.take(), queue.take(), queue.take()])).toEqual([1, 3, undefined]);
  queue.succeed(b1);
  expect(queue.take()).toBeUndefined();
  queue.succeed(a1);
  expect([queue.size(), queue.take(), queue.size()]).toEqual([1, a2, 0]);
  queue.succeed(a2);
  queue.add([of(4, 'a')]);
  expect(ids([queue.take()])).toEqual([4]);
});

test('those that follow a failed one leave with it', () => {
  const queue = subjectQueue();
  queue.add([of(1, 'a'), of(2, 'a'), of(3, 'a'), of(4, 'b')]);
  const first = queue.take();
  queue.add([of(5, 'a')]);
  expect(ids(queue.fail(first ?? of(0, '')))).toEqual([2, 3, 5]);
  expect([queue.size(), ids([queue.take(), queue.take()])]).toEqual([1, [4, undefined]]);
});

test('an emptied queue gives nothing more, also when what was taken arrives', () => {
  const queue = subjectQueue();
  queue.add([of(1, 'a'), of(2, 'a'), of(3, 'b')]);
  const first = queue.take();
  queue.clear();
  queue.succeed(first ?? of(0, ''));
  expect([queue.take(), queue.size()]).toEqual([undefined, 0]);
});
