import { z } from 'zod';
import { BodyUserId, PathUserId } from './schemas.ts';

/** A field of a part of a request that names a user, or several. */
export interface UserField {
  readonly name: string;
  readonly isList: boolean;
}

const REFERENCES: ReadonlySet<unknown> = new Set([PathUserId, BodyUserId]);
const NONE: readonly UserField[] = [];
const known = new WeakMap<z.ZodType, readonly UserField[]>();

/** The fields of an object that are a `PathUserId` or `BodyUserId`, or an array of them. The schema is the only place that states it. */
export function userFieldsOf(schema: z.ZodType | undefined): readonly UserField[] {
  if (schema === undefined) return NONE;
  let fields = known.get(schema);
  if (fields === undefined) {
    fields = fieldsOf(schema);
    known.set(schema, fields);
  }
  return fields;
}

function fieldsOf(schema: z.ZodType): readonly UserField[] {
  const object = unwrapped(schema);
  if (!(object instanceof z.ZodObject)) return NONE;
  return Object.entries(object.shape as Readonly<Record<string, z.ZodType>>).flatMap(
    ([name, field]): readonly UserField[] => {
      const inner = unwrapped(field);
      if (isReference(inner)) return [{ name, isList: false }];
      return inner instanceof z.ZodArray && isReference(unwrapped(inner.element as z.ZodType))
        ? [{ name, isList: true }]
        : [];
    },
  );
}

const isReference = (schema: z.ZodType): boolean => REFERENCES.has(schema);

/** Without what allows its absence, and without what changes it after it was read. */
function unwrapped(schema: z.ZodType): z.ZodType {
  if (isReference(schema)) return schema;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return unwrapped(schema.unwrap() as z.ZodType);
  return schema instanceof z.ZodPipe ? unwrapped(schema.in as z.ZodType) : schema;
}
