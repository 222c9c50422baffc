import { expect, test } from 'vitest';
import { UsageError } from '../../platform/kernel/start-error.ts';
import { requestOf } from './request-of.ts';
import { arg, number, text, type Verb } from './verb.ts';

const VERB: Verb = {
  name: 'grant',
  description: 'a verb of a test',
  method: 'POST',
  path: '/api/v1/users/{userId}/grants',
  args: [arg('userId', 'the user'), arg('kind', 'which')],
  query: [text('mode', 'how')],
  body: [number('amount', 'how many'), text('reason', 'why')],
  constants: { status: 'OPEN' },
};

test('arguments fill the path, encoded, and the other ones join the body', async () => {
  const { path, sent } = await requestOf(VERB, ['ext:shop:a/b', 'GIFT'], { amount: 3, mode: 'fast', unknown: 1 }, {});
  expect(path).toBe('/api/v1/users/ext%3Ashop%3Aa%2Fb/grants');
  expect(sent).toEqual({
    query: { mode: 'fast' },
    json: { amount: 3, kind: 'GIFT', status: 'OPEN' },
    asUser: undefined,
  });
});

test('an argument cannot leave its place in the path', async () => {
  const { path } = await requestOf(VERB, ['../../auth/profile', 'GIFT'], {}, {});
  expect(path).toBe('/api/v1/users/..%2F..%2Fauth%2Fprofile/grants');
});

test('a file that is no JSON object is an error of usage', async () => {
  await expect(requestOf(VERB, ['1', 'GIFT'], {}, { file: 'src/main.ts' })).rejects.toThrow(UsageError);
});
