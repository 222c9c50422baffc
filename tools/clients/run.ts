/** Writes the generated types of clients/typescript, below another folder when one is given. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { clientTypes } from './types.ts';

const [root = '.'] = process.argv.slice(2);
const file = join(root, 'clients/typescript/src/generated/openapi.ts');
await mkdir(dirname(file), { recursive: true });
await writeFile(file, await clientTypes());
