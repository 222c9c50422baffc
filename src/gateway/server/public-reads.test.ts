import { Registry } from 'prom-client';
import { beforeEach, expect, it } from 'vitest';
import { ProblemError } from '../problems/problem.ts';
import { type PublicReads, publicReads } from './public-reads.ts';

const MAX_AGE_SECONDS = 2;
const MAX_AGE_MS = MAX_AGE_SECONDS * 1_000;
const STALE_MS = 60_000;

let nowMs: number;
let reads: PublicReads;
let metrics: Registry;
beforeEach(() => {
  nowMs = 1_000;
  metrics = new Registry();
  reads = publicReads(MAX_AGE_SECONDS, metrics, () => nowMs);
});

const text = async (read: () => Promise<unknown>, key = 'key'): Promise<string> => (await reads.get(key, read)).text;
const never = () => expect.unreachable('a body is read although there is a young one');
const away = () => Promise.reject(new ProblemError('DEPENDENCY_UNAVAILABLE'));

/** A read that ends when the test says so. */
function held() {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  let count = 0;
  const read = (): Promise<unknown> => {
    count += 1;
    return promise;
  };
  return { read, resolve, reject, count: () => count };
}

it('a body is shown until it has the maximum age, then the next one is read', async () => {
  expect(await text(async () => 'first')).toBe('"first"');
  nowMs += MAX_AGE_MS - 1;
  expect(await text(never)).toBe('"first"');
  nowMs += 1;
  expect(await text(async () => 'second')).toBe('"second"');
});

it('the age of a body counts from before it was read, so that a change during the read is shown in time', async () => {
  const slow = held();
  const first = reads.get('key', slow.read);
  // The row changes here, after PostgreSQL has read it.
  nowMs += MAX_AGE_MS - 1;
  slow.resolve('before');
  expect(await first).toEqual({ text: '"before"', ageMs: MAX_AGE_MS - 1 });
  nowMs += 1;
  expect(await text(async () => 'after')).toBe('"after"');
});

it('requests that arrive during a read share it', async () => {
  const one = held();
  const all = [text(one.read), text(one.read), text(one.read)];
  one.resolve('shared');
  expect([await Promise.all(all), one.count()]).toEqual([['"shared"', '"shared"', '"shared"'], 1]);
});

it('a read that began before the maximum age is not shared, and does not replace a later one', async () => {
  const [early, late] = [held(), held()];
  const first = text(early.read);
  nowMs += MAX_AGE_MS;
  const second = text(late.read);
  late.resolve('new');
  expect(await second).toBe('"new"');
  early.resolve('old');
  expect(await first).toBe('"old"');
  expect(await text(never)).toBe('"new"');
});

it('keys have bodies of their own', async () => {
  expect(await text(async () => 'one', 'one')).toBe('"one"');
  expect(await text(async () => 'two', 'two')).toBe('"two"');
  expect(await text(never, 'one')).toBe('"one"');
});

it('a refusal is not cached', async () => {
  await expect(text(() => Promise.reject(new ProblemError('POLICY_NOT_FOUND')))).rejects.toThrow('POLICY_NOT_FOUND');
  expect(await text(async () => 'created')).toBe('"created"');
});

it('while the source is away a body is shown for a minute longer, with its age', async () => {
  await text(async () => 'kept');
  nowMs += MAX_AGE_MS + STALE_MS - 1;
  expect(await reads.get('key', away)).toEqual({ text: '"kept"', ageMs: MAX_AGE_MS + STALE_MS - 1 });
  nowMs += 1;
  await expect(text(away)).rejects.toThrow('DEPENDENCY_UNAVAILABLE');
});

it('an old body is not shown in place of a refusal', async () => {
  await text(async () => 'kept');
  nowMs += MAX_AGE_MS;
  await expect(text(() => Promise.reject(new ProblemError('POLICY_NOT_FOUND')))).rejects.toThrow('POLICY_NOT_FOUND');
});

const refused = () => Promise.reject(new ProblemError('POLICY_NOT_FOUND'));

it('a body is not shown again after a refusal, however slow or far away its source is', async () => {
  await text(async () => 'kept');
  nowMs += MAX_AGE_MS;
  await expect(text(refused)).rejects.toThrow('POLICY_NOT_FOUND');
  await expect(text(away)).rejects.toThrow('DEPENDENCY_UNAVAILABLE');
});

it('a read that began before one that was refused does not bring its body back', async () => {
  const early = held();
  const first = text(early.read);
  nowMs += MAX_AGE_MS;
  await expect(text(away)).rejects.toThrow('DEPENDENCY_UNAVAILABLE');
  await expect(text(refused)).rejects.toThrow('POLICY_NOT_FOUND');
  early.resolve('old');
  expect(await first).toBe('"old"');
  await expect(text(away)).rejects.toThrow('DEPENDENCY_UNAVAILABLE');
});

it('a refusal that was overtaken by a body does not take it away', async () => {
  const early = held();
  const first = text(early.read);
  nowMs += MAX_AGE_MS;
  await text(async () => 'new');
  early.reject(new ProblemError('POLICY_NOT_FOUND'));
  await expect(first).rejects.toThrow('POLICY_NOT_FOUND');
  expect(await text(never)).toBe('"new"');
});

it.each([new ProblemError('OVERLOADED'), new Error('a bug')])('%s says nothing of the body before', async (error) => {
  await text(async () => 'kept');
  nowMs += MAX_AGE_MS;
  await expect(text(() => Promise.reject(error))).rejects.toThrow(error);
  expect(await text(away)).toBe('"kept"');
});

it('a body is shown when the next one takes longer than a second, which is then kept', async () => {
  await text(async () => 'kept');
  nowMs += MAX_AGE_MS;
  const slow = held();
  expect(await text(slow.read)).toBe('"kept"');
  // The same read goes on: a request that comes later waits no more.
  nowMs += 1_000;
  expect(await text(never)).toBe('"kept"');
  slow.resolve('new');
  await new Promise(setImmediate);
  expect(await text(never)).toBe('"new"');
});

it('a body that is refused late is no unhandled rejection', async () => {
  await text(async () => 'kept');
  nowMs += MAX_AGE_MS;
  const slow = held();
  expect(await text(slow.read)).toBe('"kept"');
  slow.reject(new ProblemError('DEPENDENCY_UNAVAILABLE'));
  await new Promise(setImmediate);
  expect(await text(async () => 'new')).toBe('"new"');
});

it('bodies that are not requested give way to others', async () => {
  const large = 'x'.repeat(1_000_000);
  for (let n = 0; n < 40; n++) await text(async () => `${n}${large}`, `key ${n}`);
  expect(await text(never, 'key 39')).toContain('"39x');
  expect(await text(async () => 'again', 'key 0')).toBe('"again"');
});

it('each read is counted by where its body came from', async () => {
  await text(async () => 'kept');
  await text(never);
  nowMs += MAX_AGE_MS;
  await text(away);
  const counted = await metrics.getSingleMetric('stampede_public_reads_total')?.get();
  const byFrom = counted?.values.map(({ labels, value }) => [labels['from'], value]);
  expect(byFrom).toEqual([
    ['source', 1],
    ['cache', 1],
    ['stale', 1],
  ]);
});
