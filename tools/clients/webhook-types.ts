import openapiTS, { astToString } from 'openapi-typescript';
import { z } from 'zod';
import { TOPICS } from '../../src/app/event-catalogue.ts';
import { TEST_TOPIC } from '../../src/contexts/webhook/domain/delivery.ts';
import { publicTopics } from '../../src/contexts/webhook/domain/topics.ts';
import { TEST_DATA } from '../../src/contexts/webhook/events.ts';
import { EXTERNAL_ID_FIELD } from '../../src/platform/kernel/external-id-fields.ts';

const HEADER = '// Generated from the definitions of the topics by npm run generate.\n';
const EXTERNAL_ID = {
  type: 'string',
  description: 'The external id of the user; absent for a user who signed up at this server',
};

/** Returns the source of the types of what webhooks contain, by topic: those of every topic that an endpoint may name, and of the test event. */
export async function webhookTypes(): Promise<string> {
  const topics = publicTopics(TOPICS);
  const schemas = Object.fromEntries([
    ...topics.map((name) => [name, dataOf(name)]),
    [TEST_TOPIC, z.toJSONSchema(TEST_DATA, { io: 'input' })],
  ]);
  const WebhookData = { type: 'object', properties: schemas, required: Object.keys(schemas) };
  const document = { openapi: '3.1.1', info: { title: '', version: '' }, components: { schemas: { WebhookData } } };
  return HEADER + astToString(await openapiTS(JSON.parse(JSON.stringify(document))));
}

/** The data of a topic as it is delivered: ids of users of other issuers are added. */
function dataOf(name: string): object {
  const topic = TOPICS[name];
  if (topic === undefined) throw new Error(`there is no topic ${name}`);
  const { properties, ...schema } = z.toJSONSchema(topic.data, { io: 'input' });
  const added: Readonly<Record<string, string>> = EXTERNAL_ID_FIELD;
  const fields = Object.entries(properties ?? {}).flatMap((field) => {
    const externalId = added[field[0]];
    return externalId === undefined ? [field] : [field, [externalId, EXTERNAL_ID]];
  });
  return { ...schema, description: topic.summary, properties: Object.fromEntries(fields) };
}
