import { describe, expect, it } from 'vitest';
import { COMMON_REFUSALS } from '../../platform/kernel/common-refusals.ts';
import { hotProblems } from './hot-problems.ts';
import { problemDocument } from './problem.ts';
import { EDGE_REFUSALS } from './problem-codes.ts';

const TABLE = {
  ...COMMON_REFUSALS,
  ...EDGE_REFUSALS,
  TAKEN: {
    http: 409,
    grpc: 'ALREADY_EXISTS',
    details: { couponId: 'string', sequenceNo: 'number' },
    en: { title: 'Taken "twice"', detail: 'By {couponId}.' },
    ko: { title: '중복', detail: '{couponId}' },
  },
} as const;
/** Bodies of many codes: the cached body of one must not be used for another. */
const FROZEN = Object.freeze({ couponId: '8' });
const hot = hotProblems(TABLE);

describe('a hot problem', () => {
  it.each(['en', 'ko'] as const)(
    'a hot problem equals the general one in %s for every code, with and without facts',
    (language) => {
      for (const code of [...Object.keys(TABLE), 'NOBODY_KNOWS_IT']) {
        for (const instance of ['/api/v1/x', '/a"b\\c']) {
          for (const parts of [
            {},
            { details: {} },
            { details: { couponId: '7', sequenceNo: '1' } },
            { details: FROZEN },
            { retryAfterSeconds: 1 },
          ]) {
            const general = problemDocument(TABLE, code, parts, { language, requestId: 'r-1', instance });
            const { status, text } = hot.body(code, parts, language, instance, 'r-1');
            expect([status, JSON.parse(text)]).toEqual([general.status, general.body]);
          }
        }
      }
    },
  );
});
