/** Writes the generated types of clients/typescript, below another folder when one is given. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clientTypes } from './types.ts';
import { webhookTypes } from './webhook-types.ts';

const [root = '.'] = process.argv.slice(2);
const folder = join(root, 'clients/typescript/src/generated');
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'openapi.ts'), await clientTypes());
await writeFile(join(folder, 'webhooks.ts'), await webhookTypes());
