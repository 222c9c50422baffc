import { z } from 'zod';
import { userReferences } from './schemas.ts';

/** The fields of an object that name users: one user each, or a list of them. */
export interface UserFields {
  readonly single: readonly string[];
  readonly lists: readonly string[];
}

type Wrapped = z.ZodOptional | z.ZodNullable | z.ZodDefault | z.ZodPipe;

const NONE: UserFields = { single: [], lists: [] };
const found = new WeakMap<z.ZodType, UserFields>();

/** Returns the fields of the path, the query or the body of a route that name users: those whose schemas are in `userReferences`. */
export function userFieldsOf(schema: z.ZodType | undefined): UserFields {
  if (schema === undefined) return NONE;
  const fields = found.get(schema) ?? read(schema);
  found.set(schema, fields);
  return fields;
}

function read(schema: z.ZodType): UserFields {
  const object = unwrapped(schema);
  if (!(object instanceof z.ZodObject)) return NONE;
  const fields = Object.entries(object.shape as Readonly<Record<string, z.ZodType>>);
  return {
    single: fields.filter(([, field]) => namesUser(field)).map(([name]) => name),
    lists: fields.filter(([, field]) => isListOfUsers(unwrapped(field))).map(([name]) => name),
  };
}

/** A schema that `.meta()` copied, with another description, counts as well. */
const namesUser = (schema: z.ZodType): boolean =>
  userReferences.get(schema) !== undefined || (isWrapped(schema) && namesUser(inner(schema)));
const isListOfUsers = (schema: z.ZodType): boolean => schema instanceof z.ZodArray && namesUser(inner(schema));

const unwrapped = (schema: z.ZodType): z.ZodType => (isWrapped(schema) ? unwrapped(inner(schema)) : schema);
const isWrapped = (schema: z.ZodType): schema is Wrapped =>
  schema instanceof z.ZodOptional ||
  schema instanceof z.ZodNullable ||
  schema instanceof z.ZodDefault ||
  schema instanceof z.ZodPipe;
/** Of a schema that changes what it has read, the one that reads. */
const inner = (schema: Wrapped | z.ZodArray): z.ZodType =>
  (schema instanceof z.ZodPipe ? schema.in : schema.unwrap()) as z.ZodType;
