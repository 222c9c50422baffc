import { expect, it } from 'vitest';
import { REFUSALS } from './refusals.ts';

it.each(Object.entries(REFUSALS))('%s is explained in Korean, too', (_code, { ko }) => {
  expect([ko.title, ko.detail].filter((text) => !/\p{Script=Hangul}/u.test(text))).toEqual([]);
});

it.each(Object.entries(REFUSALS))('the texts of %s name only details that it always has', (_code, kind) => {
  const { en, ko, details = {} } = kind;
  const text = [en.title, en.detail, ko.title, ko.detail].join(' ');
  const named = [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  expect(named.filter((name) => details[name] === undefined || details[name].endsWith('?'))).toEqual([]);
});
