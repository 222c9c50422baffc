import { expect, test } from 'vitest';
import { secretBox } from './secret-box.ts';

test('a secret is read with the secret that encrypted it, for its endpoint alone', () => {
  const box = secretBox(['new', 'old']);
  const key = box.create();
  const sealed = box.seal(key, 1n);
  expect(key).toHaveLength(32);
  expect(sealed.includes(key)).toBe(false);
  expect(box.open(sealed, 1n)).toEqual(key);
  expect(box.open(sealed, 2n)).toBeUndefined();
  expect(secretBox(['other']).open(sealed, 1n)).toBeUndefined();
  expect(box.open(Buffer.from('secret'), 1n)).toBeUndefined();
});

test('while one secret replaces another, both decrypt and the first encrypts', () => {
  const key = Buffer.alloc(32, 1);
  const both = secretBox(['new', 'old']);
  expect(both.open(secretBox(['old']).seal(key, 1n), 1n)).toEqual(key);
  expect(secretBox(['new']).open(both.seal(key, 1n), 1n)).toEqual(key);
  expect(secretBox(['old']).open(both.seal(key, 1n), 1n)).toBeUndefined();
});
