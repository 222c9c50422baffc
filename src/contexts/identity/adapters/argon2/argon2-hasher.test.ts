import { availableParallelism } from 'node:os';
import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { HashPurpose } from '../../application/ports.ts';
import { NO_PASSWORD } from '../../domain/password.ts';
import { argon2Hasher, hashLimit } from './argon2-hasher.ts';

const PARAMETERS = '$argon2id$v=19$m=19456,t=2,p=1$';

test('a password is stored as argon2id with OWASP’s parameters and a salt of its own', async () => {
  const hasher = argon2Hasher(new Registry());
  const [one, two] = await Promise.all([
    hasher.hash('correct horse', 'SIGN_UP'),
    hasher.hash('correct horse', 'SIGN_UP'),
  ]);
  expect(one.startsWith(PARAMETERS)).toBe(true);
  expect(one).not.toBe(two);
  expect(await hasher.verify(one, 'correct horse', 'LOG_IN')).toBe(true);
  expect(await hasher.verify(one, 'correct horsf', 'LOG_IN')).toBe(false);
});

test.each([undefined, NO_PASSWORD])(
  'a verification without a hash (%j) fails and takes as long as one with a hash',
  async (none) => {
    const metrics = new Registry();
    const hasher = argon2Hasher(metrics);
    const verified = hasher.verify(none, 'correct horse', 'LOG_IN');
    expect(await metrics.metrics()).toContain('stampede_password_hashes_running 1');
    expect(await verified).toBe(false);
  },
);

test('200 concurrent calls never run more hashes at the same time than the limit, and one that waits too long is refused', async () => {
  const metrics = new Registry();
  const hasher = argon2Hasher(metrics);
  const { running } = hashLimit(availableParallelism());
  const all = Promise.allSettled(
    Array.from({ length: 200 }, () => hasher.verify(undefined, 'stuffing attempt', 'LOG_IN')),
  );
  const text = await metrics.metrics();
  expect(text).toContain(`stampede_password_hashes_running ${running}`);
  expect(text).toContain(`stampede_password_hashes_waiting ${200 - running}`);
  // How many are in time depends on the machine.
  for (const one of await all) {
    if (one.status === 'fulfilled') expect(one.value).toBe(false);
    else expect(one.reason).toMatchObject({ code: 'OVERLOADED', retryAfterSeconds: 5 });
  }
});

test('a log-in from a known address goes before other log-ins, and those before sign-ups that wait', async () => {
  const hasher = argon2Hasher(new Registry(), 1);
  const done: HashPurpose[] = [];
  const purposes = ['SIGN_UP', 'SIGN_UP', 'SIGN_UP', 'LOG_IN', 'KNOWN_LOG_IN'] as const;
  await Promise.all(purposes.map((purpose) => hasher.hash('correct horse', purpose).then(() => done.push(purpose))));
  expect(done).toEqual(['SIGN_UP', 'KNOWN_LOG_IN', 'LOG_IN', 'SIGN_UP', 'SIGN_UP']);
});
