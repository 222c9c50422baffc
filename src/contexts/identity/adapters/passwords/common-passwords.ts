import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PASSWORD_MIN } from '../../domain/password.ts';

/**
 * The 49,233 most common passwords of @zxcvbn-ts/language-common 4.1, without case. 1,557 of them are long enough to be chosen here. Its file is
 * read instead of imported: a module would keep all of them in memory, 19 MB, for as long as the process runs.
 */
const LIST = '@zxcvbn-ts/language-common/src/passwords.json';

let common: ReadonlySet<string> | undefined;

/** Whether a result of `normalisePassword` is among the most common passwords, in any case. The first call reads the list, in about 10 ms. */
export function isCommonPassword(password: string): boolean {
  common ??= readList();
  return common.has(password.toLowerCase());
}

function readList(): ReadonlySet<string> {
  const file = createRequire(import.meta.url).resolve(LIST);
  const all = JSON.parse(readFileSync(file, 'utf8')) as readonly string[];
  return new Set(all.filter((password) => password.length >= PASSWORD_MIN));
}
