/** npm run openapi -- FILE: writes the OpenAPI document, as a server of this version serves it; with --without-aliases as clients are generated from it. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { documentOfRoutes } from './document.ts';

const { values, positionals } = parseArgs({
  options: { 'without-aliases': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [file = 'openapi.json'] = positionals;
writeFileSync(
  file,
  `${JSON.stringify(documentOfRoutes({ withoutAliases: values['without-aliases'] }), undefined, 2)}\n`,
);
