import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { PRODUCERS, TOPICS } from '../../src/app/event-catalogue.ts';

const read = (file: string): Record<string, unknown> => JSON.parse(readFileSync(`events/${file}`, 'utf8'));
const files = readdirSync('events/schemas');

test('the AsyncAPI document is one, by the official schema', () => {
  const official = createRequire(import.meta.url)('@asyncapi/specs/schemas/3.0.0.json');
  // It brings draft 07 along, which Ajv would have, too.
  const ajv = new Ajv({ strict: false, validateFormats: false, validateSchema: false, meta: false });
  const validate = ajv.compile(official);
  expect(validate(read('asyncapi.json')) || validate.errors).toBe(true);
  expect(validate({ ...read('asyncapi.json'), channels: [] })).toBe(false);
});

test('every reference in the AsyncAPI document leads somewhere', () => {
  const document = read('asyncapi.json');
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
  const lost = refs.filter((path) => {
    const steps = path.split('/').map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    return (
      steps.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], document) === undefined
    );
  });
  expect(refs.length).toBeGreaterThan(50);
  expect(lost).toEqual([]);
});

test('there is a schema for each topic', () => {
  expect(files.toSorted()).toEqual(
    Object.keys(TOPICS)
      .map((name) => `${name}.json`)
      .toSorted(),
  );
});

test('a topic has one producer', () => {
  const names = Object.values(PRODUCERS).flatMap((topics) => Object.keys(topics));
  expect(names).toEqual([...new Set(names)]);
});

function validator(file: string) {
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  addFormats.default(ajv);
  return ajv.compile(read(`schemas/${file}`));
}

test.each(files)('%s accepts its example, also with additional fields, and nothing with a missing field', (file) => {
  const validate = validator(file);
  const [example] = read(`schemas/${file}`)['examples'] as [{ data: Record<string, unknown> }];
  expect(validate(example) || validate.errors).toBe(true);
  expect(validate({ ...example, data: { ...example.data, since: 'later' } })).toBe(true);
  expect(validate({ ...example, eventId: undefined })).toBe(false);
  const required = TOPICS[file.replace('.json', '')]?.key ?? '';
  expect(validate({ ...example, data: { ...example.data, [required]: {} } })).toBe(false);
});
