import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import { UsageError } from '../../platform/kernel/start-error.ts';
import { assertReadable } from '../readable-file.ts';
import type { Sent } from '../remote/api.ts';
import { type Field, kebab, type Verb } from './verb.ts';

/** Members of the query and the body, by the names that the API has for them. */
export type Values = Readonly<Record<string, unknown>>;

/** What only a person at the command line can give. */
export interface CommandInput {
  /** Path of a JSON file with members of the body. */
  readonly file?: string;
  readonly asUser?: string;
}

export interface VerbRequest {
  readonly path: string;
  readonly sent: Sent;
}

/**
 * Returns the request of a verb with these arguments and options.
 * @throws UsageError when the file is no JSON object, or a change has no member; StartError when it cannot be read
 */
export async function requestOf(
  verb: Verb,
  args: readonly (string | readonly string[])[],
  values: Values,
  { file, asUser }: CommandInput,
): Promise<VerbRequest> {
  const named: Readonly<Record<string, string | readonly string[]>> = Object.fromEntries(
    (verb.args ?? []).map(({ name }, index) => [name, args[index] ?? '']),
  );
  const inPath = new Set(Array.from(verb.path.matchAll(/\{(\w+)\}/g), ([, name]) => name));
  const path = verb.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(named[name])));
  const inBody = Object.entries(named).filter(([name]) => !inPath.has(name));
  const query = Object.fromEntries(
    Object.entries(given(verb.query ?? [], values)).map(([name, value]) => [name, String(value)]),
  );
  if (verb.method === 'GET' || verb.method === 'DELETE') return { path, sent: { query, asUser } };
  if (verb.takesCsv === true) return { path, sent: { query, asUser, csv: await openCsv(file ?? '') } };
  const fromFile = file === undefined ? {} : without(await readObject(file), verb.ignored ?? []);
  const json = { ...fromFile, ...given(verb.body ?? [], values), ...Object.fromEntries(inBody), ...verb.constants };
  if (verb.method === 'PATCH' && Object.keys(json).length === 0) throw nothingToChange(verb);
  return { path, sent: { query, json, asUser } };
}

/** Before anything is sent: an option for the server, such as --url, may have been taken for a member. */
function nothingToChange({ body = [], takesFile }: Verb): UsageError {
  const options = body.map(({ name, option = name }) => `--${kebab(option)}`);
  return new UsageError(
    `There is nothing to change. Give at least one of ${[...options, ...(takesFile === true ? ['--file'] : [])].join(', ')}.`,
  );
}

const given = (fields: readonly Field[], values: Values): Readonly<Record<string, unknown>> =>
  Object.fromEntries(fields.flatMap(({ name }) => (values[name] === undefined ? [] : [[name, values[name]]])));

const without = (members: object, names: readonly string[]): object =>
  Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));

async function openCsv(file: string): Promise<ReadableStream<Uint8Array>> {
  await assertReadable(file);
  return Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>;
}

async function readObject(file: string): Promise<object> {
  if (file !== '-') await assertReadable(file);
  const text = file === '-' ? await readAll(process.stdin) : await readFile(file, 'utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is no JSON: ${(error as Error).message}.`, { cause: error });
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json;
  throw new UsageError(`${file} must have a JSON object.`);
}
