import { expect, test } from 'vitest';
import { workersOption } from './options.ts';

const read = (text: string) => workersOption('').parseArg?.(text, undefined);

test('--workers is auto or a number from 1: anything else is an error of usage', () => {
  expect(['auto', '4'].map(read)).toEqual(['auto', '4']);
  for (const wrong of ['0', '65', 'many']) expect(() => read(wrong)).toThrow('It must be a whole number from 1 to 64.');
});
