import type pg from 'pg';
import { describe, expect, it } from 'vitest';
import { Replay } from '../kernel/command-key.ts';
import { keyedBatch } from './keyed-batch.ts';

const command = (hash: string, result: string | undefined = 'kept') => ({
  idempotency: {
    commandKey: { scope: 'scope', key: 'key', requestHash: Buffer.from(hash) },
    resultOf: () => (result === undefined ? undefined : Buffer.from(result)),
  },
});
const merged = (...commands: readonly ReturnType<typeof command>[]) => {
  const rows = { rows: [] } as unknown as pg.QueryResult;
  const { fresh, merge } = keyedBatch<string, ReturnType<typeof command>>(commands).split([rows]);
  return merge(fresh.map(() => 'decided')).outcomes;
};

describe('two commands of a batch with one key', () => {
  it('two equal commands of a batch with one key have one effect and one result', () => {
    expect(merged(command('a'), command('a'))).toEqual(['decided', new Replay(Buffer.from('kept'))]);
  });

  it('two different commands of a batch with one key have one effect, and the second gets no result', () => {
    expect(merged(command('a'), command('b'))).toEqual(['decided', new Replay(undefined)]);
  });
});
