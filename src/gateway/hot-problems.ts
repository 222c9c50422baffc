import type { RefusalTable } from '../platform/kernel/refusal.ts';
import { type Language, type Problem, type ProblemParts, problemDocument } from './problem.ts';

/** A refusal without facts of its own, with everything but instance and requestId written out beforehand. */
interface Prepared {
  readonly status: number;
  readonly head: string;
}

/** Builds bodies of problem documents by concatenation: 9 of 10 answers of a rush are one of these. */
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
  return {
    body(code, parts, language, instance, requestId) {
      const ready = prepared[language].get(code);
      if (ready === undefined || parts.errors !== undefined || parts.issues !== undefined || hasFacts(parts.details)) {
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

function prepare(table: RefusalTable, language: Language): ReadonlyMap<string, Prepared> {
  const entries = Object.keys(table).map((code): [string, Prepared] => {
    const { status, body } = problemDocument(table, code, {}, { language, requestId: '', instance: '' });
    const { instance: _instance, requestId: _requestId, ...rest } = body;
    return [code, { status, head: `${JSON.stringify(rest).slice(0, -1)},` }];
  });
  return new Map(entries);
}
