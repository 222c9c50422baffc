import { afterAll, beforeAll, expect, it } from 'vitest';
import { RESOURCES } from '../../src/commands/resources/resources.ts';
import type { Field, Resource, Verb } from '../../src/commands/resources/verb.ts';
import { type Stage, stage } from '../attacks/support.ts';
import { resolvedDocument } from '../support/resolved-document.ts';

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document, looked at from every side
type Json = any;
let on: Stage;
let document: Json;
beforeAll(async () => {
  on = await stage();
  document = await resolvedDocument(on);
});
afterAll(() => on.stop());

const COMMANDS = RESOURCES.flatMap((resource) =>
  resource.verbs.map((verb) => ({ command: `${resource.name} ${verb.name}`, resource, verb })),
);

const operationOf = ({ method, path }: Verb): Json => document.paths[path]?.[method.toLowerCase()];
const schemaIn = (message: Json): Json => message?.content?.['application/json']?.schema;
const bodyOf = (verb: Verb): Json => schemaIn(operationOf(verb).requestBody);
const propertiesOf = (verb: Verb): Json => bodyOf(verb)?.properties ?? {};

const successOf = (verb: Verb): Json =>
  schemaIn(Object.entries<Json>(operationOf(verb).responses).find(([status]) => status.startsWith('2'))?.[1]);

/** The members of what the operation returns; of a list those of an item. */
function membersOf(verb: Verb): readonly string[] {
  const schema = successOf(verb);
  const item = verb.list === undefined ? schema : schema.properties[verb.list]?.items;
  return Object.keys(item?.properties ?? {});
}

const enumOf = (schema: Json): readonly string[] | undefined => schema?.enum;
const wrongChoices = ({ name, choices }: Field, schema: Json): readonly string[] =>
  choices === undefined || JSON.stringify(choices) === JSON.stringify(enumOf(schema)) ? [] : [name];

it.each(COMMANDS)('$command calls an operation of the API with members that it has', ({ resource, verb }) => {
  const operation = operationOf(verb);
  expect(operation, `${verb.method} ${verb.path}`).toBeDefined();
  const inPath = Array.from(verb.path.matchAll(/\{(\w+)\}/g), ([, name]) => name);
  const args = (verb.args ?? []).map(({ name }) => name);
  expect(inPath.filter((name) => !args.includes(name ?? ''))).toEqual([]);

  const listed: readonly Json[] = operation.parameters ?? [];
  const parameters = new Map<string, Json>(listed.map((each) => [each.name, each]));
  const body = propertiesOf(verb);
  const query = verb.query ?? [];
  expect(query.filter(({ name }) => !parameters.has(name)).map(({ name }) => name)).toEqual([]);
  expect(query.flatMap((field) => wrongChoices(field, parameters.get(field.name)?.schema))).toEqual([]);
  const ofBody = [...(verb.body ?? []).map(({ name }) => name), ...args.filter((name) => !inPath.includes(name))];
  expect([...ofBody, ...Object.keys(verb.constants ?? {})].filter((name) => !(name in body))).toEqual([]);
  expect((verb.body ?? []).flatMap((field) => wrongChoices(field, body[field.name]))).toEqual([]);
  expect(missingRequired(verb, body)).toEqual([]);
  expect(parameters.has('X-User-Id') || verb.forUsers !== true).toBe(true);
  if (verb.list !== undefined) expect(missingColumns(resource, verb)).toEqual([]);
  else expect(requiredIn(successOf(verb))).toContain(verb.done === undefined ? returnedBy(resource, verb) : NO_BODY);
});

const NO_BODY = 'no body';
const returnedBy = (resource: Resource, { returns }: Verb): string => returns ?? resource.columns[0] ?? '';

/** The members that are always in a body. */
function requiredIn(schema: Json): readonly string[] {
  if (schema === undefined) return [NO_BODY];
  return [...(schema.required ?? []), ...(schema.allOf ?? []).flatMap(requiredIn)];
}

it('the help of announcements create has every audience and class of the API', () => {
  const create = COMMANDS.find(({ command }) => command === 'announcements create');
  const help = create?.verb.fileHelp ?? '';
  const { audience, class: classes } = create === undefined ? {} : propertiesOf(create.verb);
  const audiences: readonly Json[] = (audience.oneOf ?? audience.anyOf).map(({ properties }: Json) => properties);
  expect(audiences.length).toBeGreaterThan(0);
  for (const { type, ...others } of audiences) {
    const ids = Object.keys(others).map((name) => `, "${name}": "…"`);
    expect(help).toContain(`{"type": "${type.enum[0]}"${ids.join('')}}`);
  }
  for (const each of classes.enum) expect(help).toContain(each);
});

/** Members that the operation requires and the command cannot give. */
function missingRequired(verb: Verb, body: Json): readonly string[] {
  if (verb.takesFile === true) return [];
  const given = new Set([
    ...(verb.args ?? []).map(({ name }) => name),
    ...(verb.body ?? []).filter(({ required }) => required === true).map(({ name }) => name),
    ...Object.keys(verb.constants ?? {}),
  ]);
  return Object.keys(body).filter((name) => bodyOf(verb)?.required?.includes(name) && !given.has(name));
}

const missingColumns = (resource: Resource, verb: Verb): readonly string[] =>
  (verb.columns ?? resource.columns).filter((column) => !membersOf(verb).includes(column));
