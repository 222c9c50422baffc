import { StandardSchemaValidationPipe } from '@nestjs/common';
import { ProblemError } from './problem.ts';

/** Checks every `@Body`, `@Query` and `@Param` that names a schema, and hands on what the schema made of it. */
export const schemaPipe = (): StandardSchemaValidationPipe =>
  new StandardSchemaValidationPipe({
    exceptionFactory: (issues) => new ProblemError('VALIDATION_FAILED', { issues }),
  });
