import { expect, it } from 'vitest';
import { REFUSALS } from './refusals.ts';

it.each(Object.entries(REFUSALS))('%s is explained in Korean, too', (_code, { ko }) => {
  expect([ko.title, ko.detail].filter((text) => !/\p{Script=Hangul}/u.test(text))).toEqual([]);
});
