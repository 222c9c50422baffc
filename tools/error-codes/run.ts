// Writes docs/error-codes.md from the refusal tables.
import { writeFile } from 'node:fs/promises';
import { errorCodesPage } from './page.ts';

await writeFile('docs/error-codes.md', errorCodesPage());
