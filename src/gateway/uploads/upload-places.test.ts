import { beforeEach, describe, expect, it } from 'vitest';
import { type Upload, type UploadPlaces, uploadPlaces } from './upload-places.ts';

const LIMITS = { ofUser: 2, ofAddress: 4, ofNode: 8 };
let nowMs: number;
let places: UploadPlaces;
let cut: string[];
beforeEach(() => {
  nowMs = 0;
  cut = [];
  places = uploadPlaces(LIMITS, () => nowMs);
});

const start = (user: string, network: string, bytes = 0, changes: Partial<Upload> = {}): (() => void) =>
  places.take({
    user,
    network,
    isMachine: false,
    received: () => bytes,
    cut: () => cut.push(`${user} ${bytes}`),
    ...changes,
  });

describe('docs/attacks.md 92: places for uploads', () => {
  it('two places are all that a user has, and one that is given back is free', () => {
    const leave = start('a', 'x');
    start('a', 'y');
    expect(() => start('a', 'z')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }));
    leave();
    start('a', 'z');
    expect(cut).toEqual([]);
  });

  it('a machine has as many places as an address', () => {
    for (let nth = 0; nth < 4; nth++) start('k1', 'x', 0, { isMachine: true });
    expect(() => start('k1', 'y', 0, { isMachine: true })).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }));
  });

  it('users who take all places of an address lose the slowest upload of the one with the most to another user', () => {
    for (const [user, bytes] of [
      ['a', 900],
      ['a', 100],
      ['b', 500],
    ] as const)
      start(user, 'x', bytes);
    start('c', 'x', 10);
    nowMs = 2_000;
    start('d', 'x', 1);
    expect(cut).toEqual(['a 100']);
    // Now each has one.
    expect(() => start('e', 'x')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }));
    expect(cut).toHaveLength(1);
    start('e', 'y');
  });

  it('addresses that take all places of a node lose the slowest upload of the one with the most to another address', () => {
    const bytes = [700, 300, 800, 600, 500, 200, 900, 400];
    for (const [nth, each] of bytes.entries()) start(`u${nth}`, nth < 4 ? 'x' : 'y', each);
    nowMs = 2_000;
    for (const network of ['p', 'q', 'r', 's']) start(network, network);
    // In turn of x, y, x and y: two are left to each.
    expect(cut).toEqual(['u1 300', 'u5 200', 'u3 600', 'u7 400']);
    start('t', 't');
    start('v', 'v');
    expect(() => start('w', 'w')).toThrow(expect.objectContaining({ code: 'OVERLOADED', retryAfterSeconds: 5 }));
    expect(() => start('x2', 'x')).toThrow(expect.objectContaining({ code: 'OVERLOADED' }));
    expect(cut).toHaveLength(6);
  });

  it('an upload that began within the last second is not the slowest', () => {
    start('a', 'x', 500);
    nowMs = 2_000;
    start('a', 'x', 0);
    start('b', 'x');
    start('c', 'x');
    start('d', 'x');
    expect(cut).toEqual(['a 500']);
  });
});
