import type { z } from 'zod';
import { ProblemError } from '../problems/problem.ts';

/** Returns what the schema makes of a part of a request. Thrown: VALIDATION_FAILED. */
export function parsed<Schema extends z.ZodType>(schema: Schema, part: unknown): z.output<Schema> {
  const result = schema.safeParse(part);
  if (result.success) return result.data;
  throw new ProblemError('VALIDATION_FAILED', { issues: result.error.issues });
}
