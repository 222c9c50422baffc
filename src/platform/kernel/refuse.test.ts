import { expect, it } from 'vitest';
import { isRefusal, type Refusal, type RefusalTable, refusalIn, resultIn, toRefusalResponse } from './refusal.ts';
import { type RefusalCode, refuseFrom } from './refuse.ts';

const texts = { en: { title: '', detail: '' }, ko: { title: '', detail: '' } };
const TABLE = {
  ENDED: { http: 410, grpc: 'FAILED_PRECONDITION', ...texts },
  FULL: { http: 409, grpc: 'FAILED_PRECONDITION', details: { limit: 'number', userId: 'string?' }, ...texts },
  GONE: { http: 404, grpc: 'NOT_FOUND', details: { couponId: 'string?' }, ...texts },
} as const satisfies RefusalTable;
const refuse = refuseFrom<typeof TABLE>();

it('a refusal has the code and the details that it is made with', () => {
  expect(refuse('ENDED')).toEqual({ code: 'ENDED', details: {} });
  expect(refuse('FULL', { limit: '3' })).toEqual({ code: 'FULL', details: { limit: '3' } });
  expect(isRefusal(refuse('GONE'))).toBe(true);
});

it('a context refuses with its own codes and the common ones, and with no other', () => {
  const isFound = Date.now() > 0;
  const codes = [refuse(isFound ? 'ENDED' : 'FORBIDDEN'), refuse('VALIDATION_FAILED', { anyField: 'is required' })];
  // @ts-expect-error no table declares it
  codes.push(refuse('ENDDED'));
  expect(codes.map(({ code }) => code)).toEqual(['ENDED', 'VALIDATION_FAILED', 'ENDDED']);
});

it('a refusal with another set of details than the declared one does not compile', () => {
  const wrong = [
    // @ts-expect-error the limit is missing
    refuse('FULL'),
    // @ts-expect-error the limit is missing
    refuse('FULL', { userId: '7' }),
    // @ts-expect-error of another type
    refuse('FULL', { limit: 3 }),
    // @ts-expect-error not declared
    refuse('FULL', { limit: '3', bought: '3' }),
    // @ts-expect-error the code has no details
    refuse('ENDED', { limit: '3' }),
    // @ts-expect-error the fields are missing
    refuse('VALIDATION_FAILED'),
  ];
  expect(wrong).toHaveLength(6);
});

it('a comparison with a code that no table declares does not compile', () => {
  const refusal = refusalIn<RefusalCode<typeof TABLE>>(toRefusalResponse(refuse('ENDED')));
  expect(refusal?.code === 'ENDED').toBe(true);
  // @ts-expect-error misspelt
  expect(refusal?.code === 'ENDDED').toBe(false);
  const own: Refusal<RefusalCode<typeof TABLE>> = refuse('GONE');
  // @ts-expect-error misspelt
  expect(own.code === 'GONNE').toBe(false);
});

it('a response has a refusal or a result, and without either it is an error', () => {
  const found = { outcome: { $case: 'coupon', value: { id: 7n } } };
  expect(refusalIn(found)).toBeUndefined();
  expect(resultIn(found)).toEqual({ id: 7n });
  expect(resultIn(toRefusalResponse(refuse('ENDED')))).toEqual(refuse('ENDED'));
  expect(() => refusalIn({ outcome: undefined })).toThrow('without an outcome');
  expect(() => resultIn({})).toThrow('without an outcome');
});
