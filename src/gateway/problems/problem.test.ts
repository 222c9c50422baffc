import { expect, it } from 'vitest';
import { COMMON_REFUSALS } from '../../platform/kernel/common-refusals.ts';
import type { RefusalTable } from '../../platform/kernel/refusal.ts';
import { REJECTIONS } from '../auth/rejected.ts';
import { problemDocument } from './problem.ts';
import { EDGE_REFUSALS } from './problem-codes.ts';

const texts = { en: { title: 'Full', detail: '{limit} is the limit.' }, ko: { title: '한도', detail: '{limit}' } };
const TABLE: RefusalTable = {
  ...COMMON_REFUSALS,
  ...EDGE_REFUSALS,
  FULL: { http: 409, grpc: 'ABORTED', details: { limit: 'number', version: 'number?', couponId: 'string?' }, ...texts },
  OTHER: { http: 409, grpc: 'ABORTED', details: { limit: 'string' }, ...texts },
};
const bodyOf = (code: string, details: Readonly<Record<string, string>>) =>
  problemDocument(TABLE, code, { details }, { language: 'en', requestId: 'r-1', instance: '/x' }).body;

it('a detail is a number in the document when its code declares a number, and a string otherwise', () => {
  const details = { limit: '3', version: '12', couponId: '7330011234567890' };
  expect(bodyOf('FULL', details)).toMatchObject({ limit: 3, version: 12, couponId: '7330011234567890' });
  expect(bodyOf('OTHER', { limit: '3' })).toMatchObject({ limit: '3', detail: '3 is the limit.' });
});

it('the fields that a refusal names become errors, and no members of the document', () => {
  const body = bodyOf('VALIDATION_FAILED', { userIds: 'must be 1 to 10' });
  expect(body['errors']).toEqual([{ field: 'userIds', code: 'INVALID', message: 'must be 1 to 10' }]);
  expect(body).not.toHaveProperty('userIds');
});

it('the message of a field that a refusal names is in the language of the request', () => {
  const details = { preferences: 'must name each kind and channel once', other: 'must be odd' };
  const context = { language: 'ko', requestId: 'r-1', instance: '/x' } as const;
  const { body } = problemDocument(TABLE, 'VALIDATION_FAILED', { details }, context);
  expect(body['errors']).toEqual([
    { field: 'preferences', code: 'INVALID', message: '종류와 채널의 조합은 한 번씩만 지정해야 합니다' },
    { field: 'other', code: 'INVALID', message: 'must be odd' },
  ]);
});

it.each(Object.entries(REJECTIONS))('the detail of a 401 with the reason %s is about this reason', (reason, texts) => {
  for (const language of ['en', 'ko'] as const) {
    const context = { language, requestId: 'r-1', instance: '/x' };
    const { body, headers } = problemDocument(TABLE, 'UNAUTHENTICATED', { details: { reason } }, context);
    expect(body).toMatchObject({ reason, detail: `${texts[language].meaning}. ${texts[language].remedy}.` });
    expect(headers['www-authenticate']).toMatch(
      reason === 'NO_CREDENTIAL' ? /^Bearer realm="stampede"$/ : /, error_description="[ !#-~]+"$/,
    );
  }
});

it('a 401 without a known reason has the general detail', () => {
  const general = COMMON_REFUSALS.UNAUTHENTICATED.en.detail;
  expect(bodyOf('UNAUTHENTICATED', {})['detail']).toBe(general);
  expect(bodyOf('UNAUTHENTICATED', { reason: 'constructor' })['detail']).toBe(general);
});
