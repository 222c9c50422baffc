import { applyDecorators, HttpCode, SetMetadata } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExtension } from '@nestjs/swagger';
import type { z } from 'zod';
import type { Role } from '../../platform/http/access-token.ts';

/** The access rule: public, any valid credential, or these roles. */
export type Access = 'ANYBODY' | 'ANY_TOKEN' | readonly Role[];

/** The declaration of a route: the guard enforces it, the OpenAPI document shows it. */
export interface OperationSpec {
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  /** The status of success. */
  readonly status: number;
  /** The body of success with an example; `type` when it is not JSON. Absent: an empty body. */
  readonly response?: { readonly schema: z.ZodType; readonly example: unknown; readonly type?: string };
  /** An example of the request's body; its schema is the one given to `@Body`. Present on every route that takes a body. */
  readonly bodyExample?: unknown;
  /** The route accepts a CSV of up to 100 MB instead of JSON; this is an example. Read the body with `readUpload`. */
  readonly upload?: string;
  /** The route accepts an HTML form as well as JSON: the same fields, all of them strings. */
  readonly form?: boolean;
  /** The route has query parameters, validated by the schema of `@Query`. Without it any query parameter is refused. */
  readonly query?: boolean;
  /** Codes beyond those that follow from access, body, key and limits. */
  readonly refusals?: readonly string[];
  /** Changes something, so an Idempotency-Key is honoured; 'required' where money moves. */
  readonly idempotent?: boolean | 'required';
  /** Fields of the body that the hash of the request leaves out: no hash of a password is stored. */
  readonly secretFields?: readonly string[];
  /** Exempt from the general limit; the description names the limit that applies. */
  readonly unlimited?: boolean;
  /** Admitted when the node is overloaded, because it ends or continues something that was begun. */
  readonly bypassesShedding?: boolean;
}

export const OPERATION = 'stampede:operation';
/** Carries the index of a spec in SPECS through the generated document; openapi.ts removes it. */
export const SPEC_EXTENSION = 'x-stampede-spec';
export const SPECS: OperationSpec[] = [];

/** Required on every route: the guard refuses a route without an access rule. */
export function Operation(spec: OperationSpec): MethodDecorator {
  const place = SPECS.push(spec) - 1;
  return applyDecorators(
    SetMetadata(OPERATION, spec),
    HttpCode(spec.status),
    ApiExtension(SPEC_EXTENSION, place),
    RouteConfig({
      upload: spec.upload !== undefined,
      form: spec.form === true,
      bypassesShedding: spec.bypassesShedding === true,
    }),
    parametersAreDocumented,
  );
}

/** Nothing emits the types of parameters, and where they lack the document leaves out bodies, paths and queries. */
const parametersAreDocumented: MethodDecorator = (prototype, name, descriptor) => {
  const { length } = descriptor.value as { readonly length: number };
  Reflect.defineMetadata('design:paramtypes', Array(length).fill(Object), prototype, name);
};

/** Every problem code that a route can return. */
export function codesOf(spec: OperationSpec): readonly string[] {
  const codes = new Set(['VALIDATION_FAILED']);
  if (spec.access !== 'ANYBODY') codes.add('UNAUTHENTICATED');
  if (Array.isArray(spec.access)) codes.add('FORBIDDEN');
  for (const code of spec.refusals ?? []) codes.add(code);
  if (spec.upload !== undefined) codes.add('REQUEST_TIMEOUT');
  if (spec.bodyExample !== undefined || spec.upload !== undefined)
    codes.add('PAYLOAD_TOO_LARGE').add('UNSUPPORTED_MEDIA_TYPE');
  if (spec.idempotent === 'required') codes.add('IDEMPOTENCY_KEY_REQUIRED');
  if (spec.idempotent) codes.add('IDEMPOTENCY_KEY_IN_USE').add('IDEMPOTENCY_KEY_REUSED');
  if (!spec.unlimited) codes.add('RATE_LIMITED');
  return [...codes.add('INTERNAL_ERROR').add('OVERLOADED').add('DEPENDENCY_UNAVAILABLE')];
}
