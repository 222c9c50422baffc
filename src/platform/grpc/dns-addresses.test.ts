import { afterEach, expect, test, vi } from 'vitest';
import { dnsAddresses } from './dns-addresses.ts';

afterEach(() => void vi.useRealTimers());

function source(answers: readonly (readonly string[] | Error)[]) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const asked: string[] = [];
  const failures: Error[] = [];
  const lists: (readonly string[])[] = [];
  const addresses = dnsAddresses({
    name: 'coupon.internal:50051',
    onFailure: (error) => failures.push(error),
    async resolve(host) {
      const answer = answers[asked.length] ?? [];
      asked.push(host);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  const stop = addresses.watch((list) => lists.push(list));
  return { addresses, asked, failures, lists, stop };
}

test('every address of a name is an instance, and the name is looked up again after 10 s', async () => {
  const { asked, lists, stop } = source([
    ['10.0.0.2', '10.0.0.1', '::1'],
    ['10.0.0.2', '::1', '10.0.0.1'],
    ['10.0.0.3'],
  ]);
  await vi.advanceTimersByTimeAsync(0);
  expect(lists).toEqual([['10.0.0.1:50051', '10.0.0.2:50051', '[::1]:50051']]);
  await vi.advanceTimersByTimeAsync(10_000);
  // The same ones in another order.
  expect([asked, lists.length]).toEqual([['coupon.internal', 'coupon.internal'], 1]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(lists[1]).toEqual(['10.0.0.3:50051']);
  stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toHaveLength(3);
});

test('a name is looked up at once when no instance can be reached, and at most every second', async () => {
  const { addresses, asked, lists } = source([['10.0.0.1'], ['10.0.0.2']]);
  await vi.advanceTimersByTimeAsync(0);
  addresses.refresh();
  expect(asked).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_000);
  addresses.refresh();
  addresses.refresh();
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toHaveLength(2);
  expect(lists).toEqual([['10.0.0.1:50051'], ['10.0.0.2:50051']]);
});

test('a failed lookup leaves the addresses of the last one, and is tried again', async () => {
  const { failures, lists } = source([['10.0.0.1'], new Error('no answer'), ['10.0.0.2']]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([failures.map(({ message }) => message), lists]).toEqual([['no answer'], [['10.0.0.1:50051']]]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(lists[1]).toEqual(['10.0.0.2:50051']);
});
