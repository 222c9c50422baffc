import { expect, it } from 'vitest';
import { circuit } from './circuit.ts';

let nowMs = 0;
const opened = (timeouts: number) => {
  nowMs = 0;
  const guard = circuit(() => nowMs);
  for (let n = 0; n < timeouts; n++) guard.timedOut();
  return guard;
};

it('a circuit opens for a second after five time-outs, whatever succeeds between them', () => {
  const guard = opened(4);
  guard.succeeded();
  expect(guard.isOpen()).toBe(false);
  guard.timedOut();
  expect(guard.isOpen()).toBe(true);
  nowMs = 999;
  expect(guard.isOpen()).toBe(true);
  nowMs = 1_000;
  expect(guard.isOpen()).toBe(false);
});

it('a circuit opens again with the first time-out after its rest, until something has succeeded', () => {
  const guard = opened(5);
  nowMs = 1_000;
  guard.timedOut();
  expect(guard.isOpen()).toBe(true);
  nowMs = 2_000;
  guard.succeeded();
  guard.timedOut();
  expect(guard.isOpen()).toBe(false);
});

it('time-outs in more than a second do not open a circuit', () => {
  const guard = opened(4);
  nowMs = 1_000;
  for (let n = 0; n < 4; n++) guard.timedOut();
  expect(guard.isOpen()).toBe(false);
});
