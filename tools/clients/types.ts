import openapiTS, { astToString } from 'openapi-typescript';
import { documentOfRoutes } from '../openapi/document.ts';

const HEADER = '// Generated from the definitions of the routes by npm run generate.\n';
const KEY = 'Idempotency-Key';

/** Returns the source of the types of @stampede/client: those of the OpenAPI document without the aliases of routes. */
export async function clientTypes(): Promise<string> {
  const document = JSON.stringify(documentOfRoutes({ withoutAliases: true }));
  const types = await openapiTS(JSON.parse(document, withOptionalKey), {
    // A field with a default may be left out of a request.
    defaultNonNullable: false,
  });
  return HEADER + astToString(types);
}

/** The client makes the keys, also those that the server requires. */
const withOptionalKey = (_name: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'in' in value && 'name' in value && value.name === KEY
    ? { ...value, required: false }
    : value;
