import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './pages.ts';

const OPERATION = /`(GET|POST|PUT|PATCH|DELETE) (\/[^\s`?]*)[^`]*`/g;

/** The operations that a page names in code, such as `GET /coupons/{id}`, in the form of `operationKey`. Paths that are cut (`…`) are left out. */
export const namedOperations = (source: string): readonly string[] =>
  [...readFileSync(join(ROOT, source), 'utf8').matchAll(OPERATION)]
    .filter(([, , path = '']) => !path.includes('…'))
    .map(([, method = '', path = '']) => operationKey(method, path));

/** Method and path with unnamed parameters. The base `/api/v1` may be left out. */
export const operationKey = (method: string, path: string): string =>
  `${method.toUpperCase()} ${path.replace(/^\/api\/v1\b/, '').replaceAll(/\{\w+\}/g, '{}')}`;
