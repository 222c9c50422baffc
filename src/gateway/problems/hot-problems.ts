import type { Language } from '../../platform/kernel/language.ts';
import type { RefusalTable } from '../../platform/kernel/refusal.ts';
import { type Problem, type ProblemParts, problemDocument } from './problem.ts';

/** A refusal with everything but instance and requestId written out beforehand. */
interface Prepared {
  readonly code: string;
  readonly status: number;
  readonly head: string;
}

/** Builds bodies of problem documents by concatenation: 9 of 10 responses of a rush are problem documents. */
export interface HotProblems {
  body(
    code: string,
    parts: ProblemParts,
    language: Language,
    instance: string,
    requestId: string,
  ): { status: number; text: string };
}

export function hotProblems(table: RefusalTable): HotProblems {
  const prepared = { en: prepare(table, 'en'), ko: prepare(table, 'ko') };
  /** Cached for refusals whose details never change, which memory sends again and again. */
  const repeated = { en: new WeakMap<object, Prepared>(), ko: new WeakMap<object, Prepared>() };

  function repeatedOf(code: string, details: ProblemParts['details'], language: Language): Prepared | undefined {
    if (details === undefined || !Object.isFrozen(details)) return undefined;
    let ready = repeated[language].get(details);
    if (ready?.code !== code) {
      ready = written(table, code, { details }, language);
      repeated[language].set(details, ready);
    }
    return ready;
  }

  return {
    body(code, parts, language, instance, requestId) {
      const { details, errors, issues } = parts;
      const ready = hasFacts(details) ? repeatedOf(code, details, language) : prepared[language].get(code);
      if (ready === undefined || errors !== undefined || issues !== undefined) {
        const problem: Problem = problemDocument(table, code, parts, { language, requestId, instance });
        return { status: problem.status, text: JSON.stringify(problem.body) };
      }
      // A request id has no character that JSON escapes; a path may.
      const place = JSON.stringify(instance);
      return { status: ready.status, text: `${ready.head}"instance":${place},"requestId":"${requestId}"}` };
    },
  };
}

function hasFacts(details: Readonly<Record<string, string>> | undefined): boolean {
  for (const _ in details) return true;
  return false;
}

const prepare = (table: RefusalTable, language: Language): ReadonlyMap<string, Prepared> =>
  new Map(Object.keys(table).map((code) => [code, written(table, code, {}, language)]));

function written(table: RefusalTable, code: string, parts: ProblemParts, language: Language): Prepared {
  const { status, body } = problemDocument(table, code, parts, { language, requestId: '', instance: '' });
  const { instance: _instance, requestId: _requestId, ...rest } = body;
  return { code, status, head: `${JSON.stringify(rest).slice(0, -1)},` };
}
