// Writes events/schemas/*.json, events/asyncapi.json, docs/events.md and docs/kafka-acls.sh from the catalogue. Argument: where to, default here.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { PRODUCERS } from '../../src/app/event-catalogue.ts';
import { aclScript } from '../../src/app/kafka-acls.ts';
import { asyncApiDocument } from './asyncapi.ts';
import { eventsPage } from './page.ts';
import { schemaFile } from './schemas.ts';

const root = process.argv[2] ?? '.';
const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;

const files = new Map([
  ['events/asyncapi.json', json(asyncApiDocument(manifest.version))],
  ['docs/events.md', eventsPage()],
  ['docs/kafka-acls.sh', aclScript({ prefix: '', userPrefix: '' })],
  ...Object.entries(PRODUCERS).flatMap(([producer, topics]) =>
    Object.entries(topics).map(
      ([name, topic]) => [`events/schemas/${name}.json`, json(schemaFile(name, topic, producer))] as const,
    ),
  ),
]);

await rm(join(root, 'events'), { recursive: true, force: true });
await mkdir(join(root, 'events/schemas'), { recursive: true });
await mkdir(join(root, 'docs'), { recursive: true });
await Promise.all([...files].map(([name, content]) => writeFile(join(root, name), content)));
