import { z } from 'zod';

/** An environment variable. */
export interface Variable {
  /** Reads its text. Its messages continue the name: `must be on or off`. */
  readonly schema: z.ZodType;
  /** Says what to set instead of an invalid value. A function gets the name of the variable. */
  readonly advice: string | ((name: string) => string);
  /** Its value is in no message. */
  readonly isSecret?: boolean;
}

/** The path of a PEM file, which is read when it is needed. */
export const PEM_FILE = { schema: z.string().optional(), advice: 'Set the path of a PEM file.' } satisfies Variable;

/** Several of them by their names, in the order of docs/configuration.md. */
export type Variables = Readonly<Record<string, Variable>>;

type Schemas<List extends Variables> = { -readonly [Name in keyof List]: List[Name]['schema'] };

/** What the variables are read as. */
export type ValuesOf<List extends Variables> = Readonly<z.output<z.ZodObject<Schemas<List>>>>;

/** Returns the schema of an environment. Other variables in it are left out. */
export function environmentSchema<const List extends Variables>(list: List): z.ZodObject<Schemas<List>> {
  const schemas = Object.entries(list).map(([name, { schema }]) => [name, schema]);
  return z.object(Object.fromEntries(schemas) as Schemas<List>);
}

export const adviceOf = (name: string, { advice }: Variable): string =>
  typeof advice === 'string' ? advice : advice(name);
