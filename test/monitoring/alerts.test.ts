import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Route, takesFile } from '../../src/gateway/server/route.ts';
import { readOptions } from '../../tools/cluster/options.ts';
import { planCluster } from '../../tools/cluster/plan.ts';
import { metricsOf, seriesOf } from '../../tools/metrics/page.ts';
import { routesWithoutServer } from '../../tools/openapi/document.ts';
import { anchorOf } from '../../tools/site/pages.ts';
import { testPrometheus } from '../support/prometheus.ts';
import { ALERT_CASES } from './alert-cases.ts';
import { ALERTS, RECORDED, RULE_FILES, seriesIn } from './rules.ts';

const run = promisify(execFile);
const programs = await testPrometheus();
/** It evaluates all rules for an hour and more, once for each case. */
const PROMTOOL_MS = 240_000;

/** Rejects with what promtool prints, which names the alert, unless each has `count` firing in the state of its case. */
async function expectFiring(state: 'fires' | 'quiet', count: number): Promise<void> {
  const tests = ALERT_CASES.map((each) => ({
    interval: '1m',
    input_series: Object.entries(each[state]).map(([series, values]) => ({ series, values })),
    promql_expr_test: [
      {
        expr: `count(ALERTS{alertname="${each.alert}", alertstate="firing"})`,
        eval_time: each.at,
        exp_samples: count === 0 ? [] : [{ labels: '{}', value: count }],
      },
    ],
  }));
  const directory = await mkdtemp(join(tmpdir(), 'stampede-alerts-'));
  const file = join(directory, 'test.yml');
  try {
    const rules = RULE_FILES.map((each) => resolve(each));
    await writeFile(file, JSON.stringify({ rule_files: rules, evaluation_interval: '1m', tests }));
    await run(programs?.promtool ?? '', ['test', 'rules', file]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

describe.skipIf(programs === undefined)('promtool', () => {
  it(
    'every alert fires in its state',
    async () => {
      await expectFiring('fires', 1);
    },
    PROMTOOL_MS,
  );

  it(
    'no alert fires in the nearest state that is in order',
    async () => {
      await expectFiring('quiet', 0);
    },
    PROMTOOL_MS,
  );

  it.each(['prometheus.yml', 'prometheus-cluster.yml'])(
    'deploy/prometheus/%s and its rules are valid',
    async (file) => {
      await run(programs?.promtool ?? '', ['check', 'config', `deploy/prometheus/${file}`]);
    },
  );

  it('deploy/alertmanager/alertmanager.yml is valid', async () => {
    await run(programs?.amtool ?? '', ['check-config', 'deploy/alertmanager/alertmanager.yml']);
  });
});

it('every alert has a test, and every test an alert', () => {
  expect([...new Set(ALERT_CASES.map(({ alert }) => alert))].toSorted()).toEqual(
    ALERTS.map(({ alert }) => alert).toSorted(),
  );
});

it('every alert leads to its section of docs/operations.md, which says what it means, what to look at and what to do', async () => {
  const page = await readFile('docs/operations.md', 'utf8');
  const sections = new Map(
    page
      .split(/^### /m)
      .slice(1)
      .map((text) => [text.split('\n', 1)[0] ?? '', text] as const),
  );
  for (const { alert, annotations } of ALERTS) {
    const text = sections.get(alert) ?? '';
    for (const part of ['**Means**', '**Look at**', '**Do**']) expect(text, alert).toContain(part);
    expect(annotations.runbook_url, alert).toMatch(new RegExp(`/docs/operations\\.md#${anchorOf(alert)}$`));
  }
  expect([...sections.keys()].toSorted()).toEqual(ALERTS.map(({ alert }) => alert).toSorted());
});

it('every series in a rule is one of docs/metrics.md, or recorded', async () => {
  const metrics = metricsOf(await readFile('docs/metrics.md', 'utf8'));
  const known = new Set([...[...metrics].flatMap(([name, type]) => seriesOf(name, type)), ...RECORDED.keys()]);
  const expressions = [...ALERTS.map(({ expr }) => expr), ...RECORDED.values()];
  expect(expressions.flatMap(seriesIn).filter((name) => !known.has(name))).toEqual([]);
  expect(expressions.flatMap(seriesIn).length).toBeGreaterThan(ALERTS.length);
});

it('the recorded duration of requests leaves out exactly the routes that send a stream, and those that take or send a file', () => {
  const [, excluded = ''] =
    /route!~"([^"]+)"/.exec(RECORDED.get('job:stampede_http_request_seconds:p99_rate5m') ?? '') ?? [];
  // Prometheus matches whole values.
  const pattern = new RegExp(`^(?:${excluded})$`);
  const paths = (routes: readonly Route[]): readonly string[] => [
    ...new Set(routes.flatMap((route) => route.paths).toSorted()),
  ];
  const routes = routesWithoutServer();
  const long = paths(routes.filter((route) => takesFile(route) || sendsLong(route)));
  expect(long).toContain('/api/v1/coupon-policies/:id/direct-issue.csv');
  expect(long).toContain('/files/:name');
  expect(paths(routes).filter((path) => pattern.test(path))).toEqual(long);
});

const sendsLong = (route: Route): boolean =>
  /^(text\/csv|text\/event-stream|image\/)/.test(route.response?.type ?? '') ||
  ('sendsResponse' in route && route.sendsResponse === true);

it('deploy/prometheus/targets/cluster.yml has the processes of npm run cluster', async () => {
  const groups = parse(await readFile('deploy/prometheus/targets/cluster.yml', 'utf8')) as {
    labels: { part: string };
    targets: string[];
  }[];
  const listed = groups.flatMap(({ labels, targets }) => targets.map((target) => `${labels.part} ${target}`));
  const options = readOptions([]);
  if (options === undefined) throw new Error('no options are valid options');
  const { instances } = await planCluster(options, async () => 0);
  expect(listed.toSorted()).toEqual(instances.map(({ part, httpPort }) => `${part} 127.0.0.1:${httpPort}`).toSorted());
});
