import { expect, test } from 'vitest';
import { stopAtFullLoad } from './stops.ts';

test('a stop of a process at full load resets no connection and loses no acknowledged coupon', async () => {
  expect(await stopAtFullLoad(1, 32)).toHaveLength(1);
});
