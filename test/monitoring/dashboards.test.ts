import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { DASHBOARDS } from '../../tools/dashboards/dashboards.ts';
import { metricsOf, seriesOf } from '../../tools/metrics/page.ts';
import { testDashboardCheck } from '../support/dashboard-check.ts';
import { testPrometheus } from '../support/prometheus.ts';
import { ALERTS, RECORDED, seriesIn } from './rules.ts';

const run = promisify(execFile);
const FOLDER = 'deploy/grafana/dashboards';
const programs = await testPrometheus();
const check = await testDashboardCheck();
const panels = DASHBOARDS.flatMap(({ title, rows }) =>
  rows.flatMap((row) => row.panels.map((panel) => ({ ...panel, where: `${title}, ${row.title}, ${panel.title}` }))),
);
/** As Prometheus gets it. */
const sent = (expression: string): string =>
  expression.replaceAll('$__rate_interval', '5m').replaceAll('$job', 'stampede').replaceAll('$instance', '.*');

it('every panel has a description, a unit and queries that are named', () => {
  for (const { where, description, unit, queries } of panels) {
    expect(description.length, where).toBeGreaterThan(10);
    expect(unit, where).not.toBe('');
    expect(queries.length, where).toBeGreaterThan(0);
    for (const { legend } of queries) expect(legend, where).not.toBe('');
  }
});

it('every dashboard has an id of its own', () => {
  expect(new Set(DASHBOARDS.map(({ uid }) => uid)).size).toBe(DASHBOARDS.length);
});

it('every series in a panel is one of docs/metrics.md, or recorded', () => {
  const metrics = metricsOf(readFileSync('docs/metrics.md', 'utf8'));
  const known = new Set([...[...metrics].flatMap(([name, type]) => seriesOf(name, type)), ...RECORDED.keys()]);
  for (const { where, queries } of panels) {
    const series = queries.flatMap(({ expr }) => seriesIn(expr));
    expect(series.length, where).toBeGreaterThan(0);
    expect(
      series.filter((name) => !known.has(name)),
      where,
    ).toEqual([]);
  }
});

it('every metric of docs/metrics.md but those of Node and those for a closer look is in a panel or an alert', () => {
  const expressions = [
    ...panels.flatMap(({ queries }) => queries.map(({ expr }) => expr)),
    ...ALERTS.map(({ expr }) => expr),
    ...RECORDED.values(),
  ];
  const used = new Set(expressions.flatMap(seriesIn));
  const unused = [...metricsOf(readFileSync('docs/metrics.md', 'utf8'))]
    .filter(([name, type]) => !seriesOf(name, type).some((series) => used.has(series)))
    .map(([name]) => name)
    .filter((name) => !/^stampede_(nodejs|process)_/.test(name));
  expect(unused.toSorted()).toEqual(CLOSER_LOOK);
});

/** These say more about what a panel shows. */
const CLOSER_LOOK: readonly string[] = [
  'stampede_audit_seconds',
  'stampede_clock_jumps_total',
  'stampede_clock_uncertainty_seconds',
  'stampede_grpc_client_in_flight',
  'stampede_grpc_client_message_calls',
  'stampede_http_refusals_waiting',
  'stampede_images_waiting',
  'stampede_password_hashes_total',
  'stampede_redis_up',
  'stampede_replica_reads_total',
  'stampede_workers',
];

it.skipIf(programs === undefined)('every expression of a panel is valid PromQL', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'stampede-dashboards-'));
  try {
    const rules = panels
      .flatMap(({ queries }) => queries)
      .map(({ expr }, index) => ({
        record: `panel:${index}`,
        expr: sent(expr),
      }));
    const file = join(directory, 'rules.json');
    await writeFile(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
    await run(programs?.promtool ?? '', ['check', 'rules', '--lint=none', file]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

it.skipIf(check === undefined)(
  "Grafana's own library reads every dashboard, and knows each of its fields",
  async () => {
    const files = readdirSync(FOLDER).map((file) => join(FOLDER, file));
    expect(files.length).toBe(DASHBOARDS.length);
    await run(check ?? '', files);
  },
);
