import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { AUDIT_TOPIC } from '../platform/audit/audit-topic.ts';
import { CONTEXTS, runs } from './contexts.ts';
import { WRITERS } from './event-catalogue.ts';
import { CONTEXT_NAMES } from './parts.ts';

it('the list of contexts contains every folder of src/contexts, each under its own name', () => {
  const folders = readdirSync('src/contexts', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(CONTEXTS.map(({ name }) => name).toSorted()).toEqual(folders.map(({ name }) => name).toSorted());
});

it('the names of parts.ts are those of the contexts that run, in their order', () => {
  expect(CONTEXT_NAMES).toEqual(CONTEXTS.filter(runs).map(({ name }) => name));
});

it.each(CONTEXTS.filter(runs).map((context) => [context.name, context] as const))(
  '%s publishes lines of the audit log when its operations take keys of commands',
  async (name, context) => {
    const { methods } = await context.contract();
    const takesKeys = Object.values(methods).some(
      ({ requestType }) => 'commandKey' in Object(requestType.decode(new Uint8Array())),
    );
    expect(WRITERS[name].includes(AUDIT_TOPIC)).toBe(takesKeys);
  },
);
