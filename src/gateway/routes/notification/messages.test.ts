import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Language } from '../../../platform/kernel/language.ts';
import { BodyId, plainText } from '../../server/schemas.ts';
import { fieldErrors } from '../../server/validation.ts';
import { NoticeJobBody } from './notice-job.schemas.ts';
import { SettingsBody } from './notification.schemas.ts';

const said = (schema: z.ZodType, value: unknown, language: Language) =>
  fieldErrors(schema.safeParse(value).error?.issues ?? [], language).map(
    ({ field, message }) => `${field}: ${message}`,
  );

test('an id that is missing is named with what it must be', () => {
  const id = z.strictObject({ storeId: BodyId });
  expect(said(id, {}, 'en')).toEqual(['storeId: must be a decimal id']);
  expect(said(id, { storeId: 'x' }, 'en')).toEqual(['storeId: must be a decimal id']);
  expect(said(id, { storeId: true }, 'ko')).toEqual(['storeId: 숫자로 된 ID여야 합니다']);
  const job = { audience: { type: 'STORE_FOLLOWERS' }, class: 'MARKETING', ko: { title: 'a', body: 'b' } };
  expect(said(NoticeJobBody, { ...job, en: job.ko }, 'en')).toEqual(['audience.storeId: must be a decimal id']);
});

test('a line break is named, because it is not seen', () => {
  expect(said(plainText(10), 'a\nb', 'en')).toEqual([
    ': must be one line, without control or bidirectional override characters',
  ]);
  expect(said(plainText(10), 'a\nb', 'ko')).toEqual([': 줄바꿈, 제어 문자, 방향 전환 문자 없이 한 줄이어야 합니다']);
});

test('messages in Korean show neither patterns nor lists joined by "또는"', () => {
  const settings = { expiryDays: [2], quietHours: { from: '9', until: '08:00' } };
  expect(said(SettingsBody, settings, 'ko')).toEqual([
    'expiryDays.0: 7, 3, 1 중 하나여야 합니다',
    'quietHours.from: 21:00과 같은 시각이어야 합니다',
  ]);
  expect(said(z.string().regex(/^\d$/), 'x', 'ko')).toEqual([': 형식이 올바르지 않습니다']);
});
