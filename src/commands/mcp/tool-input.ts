import { z } from 'zod';
import type { Argument, Field, Verb } from '../resources/verb.ts';

/** Returns the schema of a tool's arguments: what the command takes as arguments and options, by the names of the API. */
export function toolInput({ args = [], query = [], body = [], list }: Verb): z.ZodObject {
  const members = [
    ...args.map((argument) => [argument.name, argumentSchema(argument)] as const),
    ...[...query, ...body].map((field) => [field.name, fieldSchema(field)] as const),
  ];
  return z.strictObject({ ...Object.fromEntries(members), ...(list === undefined ? {} : PAGE) });
}

const PAGE_MAX = 100;
const PAGE = {
  limit: z.number().int().min(1).max(PAGE_MAX).optional().describe('items of a page; 20 when it is left out'),
  cursor: z.string().optional().describe('nextCursor of the page before'),
};

function argumentSchema({ description, several }: Argument): z.ZodType {
  return several === true ? z.array(z.string()).min(1).describe(description) : z.string().min(1).describe(description);
}

function fieldSchema({ description, type, choices, required }: Field): z.ZodType {
  const schema = (choices === undefined ? BY_TYPE[type] : z.enum([...choices])).describe(description);
  return required === true ? schema : schema.optional();
}

const BY_TYPE = {
  text: z.string(),
  number: z.number(),
  flag: z.boolean(),
  list: z.array(z.string()),
} as const satisfies Record<Field['type'], z.ZodType>;
