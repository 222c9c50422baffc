import { z } from 'zod';
import type { Language } from '../../platform/kernel/language.ts';
import { KOREAN_RULES } from './korean-rules.ts';

/** One field of the request that is wrong. `field` is a dotted path; `code` is stable. */
export interface FieldError {
  readonly field: string;
  readonly code: string;
  readonly message: string;
}

/** A limit on reported issues, because the client controls their number. */
const ERRORS_MAX = 50;
const FIELD_CHARS_MAX = 200;
/** An issue of Standard Schema. zod's issues have more fields, which are used when present. */
export interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}
const korean = z.locales.ko().localeError;

/** Converts issues to the members of `errors`. Works for zod's issues and for those of Standard Schema. */
export function fieldErrors(issues: readonly Issue[], language: Language): readonly FieldError[] {
  return issues.flatMap((issue) => errorsOf(issue, language)).slice(0, ERRORS_MAX);
}

function errorsOf(issue: Issue, language: Language): FieldError[] {
  const path = (issue.path ?? []).map((segment) => String(typeof segment === 'object' ? segment.key : segment));
  // A rule of ours: zod has no more to say of it than its name.
  const code = isZod(issue) && issue.code !== 'custom' ? issue.code.toUpperCase() : 'INVALID';
  const message = language === 'ko' && isZod(issue) ? inKorean(issue) : ruleIn(language, issue.message);
  if (isZod(issue) && issue.code === 'unrecognized_keys') {
    return issue.keys
      .slice(0, ERRORS_MAX)
      .map((key) => ({ field: fieldOf([...path, key]), code, message: unknownField(language) }));
  }
  return [{ field: fieldOf(path), code, message }];
}

const isZod = (issue: Issue): issue is z.core.$ZodIssue => 'code' in issue && typeof issue.code === 'string';
const unknownField = (language: Language): string => ruleIn(language, 'is not known');
const fieldOf = (path: readonly string[]): string => path.join('.').slice(0, FIELD_CHARS_MAX);

/** The rule's own message where it is known in Korean. Nobody reads a pattern. */
function inKorean(issue: z.core.$ZodIssue): string {
  const known = KOREAN_RULES.get(issue.message);
  if (known !== undefined) return known;
  if (issue.code === 'invalid_value') return `${issue.values.join(', ')} 중 하나여야 합니다`;
  if (issue.code === 'invalid_format' && issue.format === 'regex') return '형식이 올바르지 않습니다';
  const said = issue.code === 'custom' ? undefined : korean(issue as z.core.$ZodRawIssue);
  return (typeof said === 'string' ? said : said?.message) ?? '값이 올바르지 않습니다';
}

/** A message that a context or a handler stated. */
export const ruleIn = (language: Language, message: string): string =>
  language === 'ko' ? (KOREAN_RULES.get(message) ?? message) : message;
