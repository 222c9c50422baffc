// Writes deploy/grafana/dashboards, below another directory when one is given.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DASHBOARDS } from './dashboards.ts';
import { dashboardJson } from './grafana.ts';

const directory = join(process.argv[2] ?? '.', 'deploy/grafana/dashboards');
await mkdir(directory, { recursive: true });
for (const dashboard of DASHBOARDS) {
  await writeFile(
    join(directory, `${dashboard.uid}.json`),
    `${JSON.stringify(dashboardJson(dashboard), undefined, 2)}\n`,
  );
}
