import { z } from 'zod';
import type { FieldError, Language } from './problem.ts';

/** More would only repeat what is wrong, and how many there are is up to the client. */
const ERRORS_MAX = 50;
const FIELD_CHARS_MAX = 200;
/** As any Standard Schema states one; zod's carry more, and that is used. */
export interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
const korean = z.locales.ko().localeError;

/** What a schema said, as members of `errors`. Works on zod's issues and on what Standard Schema hands on of them. */
export function fieldErrors(issues: readonly Issue[], language: Language): readonly FieldError[] {
  return issues.flatMap((issue) => errorsOf(issue, language)).slice(0, ERRORS_MAX);
}

function errorsOf(issue: Issue, language: Language): FieldError[] {
  const path = (issue.path ?? []).map((segment) => String(typeof segment === 'object' ? segment.key : segment));
  const code = isZod(issue) ? issue.code.toUpperCase() : 'INVALID';
  const message = language === 'ko' && isZod(issue) ? inKorean(issue) : issue.message;
  if (isZod(issue) && issue.code === 'unrecognized_keys') {
    return issue.keys
      .slice(0, ERRORS_MAX)
      .map((key) => ({ field: fieldOf([...path, key]), code, message: unknownField(language) }));
  }
  return [{ field: fieldOf(path), code, message }];
}

const isZod = (issue: Issue): issue is z.core.$ZodIssue => 'code' in issue && typeof issue.code === 'string';
const unknownField = (language: Language): string => (language === 'ko' ? '알 수 없는 항목입니다' : 'is not known');
const fieldOf = (path: readonly string[]): string => path.join('.').slice(0, FIELD_CHARS_MAX);

/** Our own rules (`custom`, patterns) are written in English; their field and code say what is wrong. */
function inKorean(issue: z.core.$ZodIssue): string {
  const said = issue.code === 'custom' ? undefined : korean(issue as z.core.$ZodRawIssue);
  return (typeof said === 'string' ? said : said?.message) ?? '값이 올바르지 않습니다';
}
