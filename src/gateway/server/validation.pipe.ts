import { StandardSchemaValidationPipe } from '@nestjs/common';
import { ProblemError } from '../problems/problem.ts';

/** Validates every `@Body`, `@Query` and `@Param` with a schema, and passes on the parsed value. */
export const schemaPipe = (): StandardSchemaValidationPipe =>
  new StandardSchemaValidationPipe({
    exceptionFactory: (issues) => new ProblemError('VALIDATION_FAILED', { issues }),
  });
