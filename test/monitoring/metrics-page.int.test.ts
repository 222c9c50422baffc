import { globSync, readFileSync } from 'node:fs';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { primaryMetrics } from '../../src/app/workers/primary.ts';
import { auditMetrics } from '../../src/commands/audit/audit-metrics.ts';
import { clientMetrics } from '../../src/platform/grpc/client-metrics.ts';
import { parseRedisUrl } from '../../src/platform/redis/redis-url.ts';
import { observeReplica } from '../../src/platform/telemetry/process-metrics.ts';
import { type DeclaredMetric, metricsOf, metricsPage } from '../../tools/metrics/page.ts';
import { type Stage, stage } from '../attacks/support.ts';
import { mailSettings } from '../support/mail.ts';
import { pushSettings } from '../support/push.ts';

const PAGE = 'docs/metrics.md';
let on: Stage;
let ofServer: Registry;
beforeAll(async () => {
  on = await stage(
    {
      mail: mailSettings(),
      push: pushSettings(),
      publicReadMaxAgeSeconds: 1,
      // Nothing listens there; the metrics are the same.
      redis: { ...parseRedisUrl('redis://127.0.0.1:1'), prefix: '', gate: true, tls: {} },
    },
    {
      exposeMetrics(own) {
        ofServer = own;
        return own;
      },
    },
  );
});
afterAll(() => on.stop());

/** What a process that hosts everything does not have. */
function ofOtherProcesses(): readonly Registry[] {
  const registry = new Registry();
  clientMetrics(registry);
  observeReplica(registry, { behindMs: () => 0, served: { replica: 0, primary: 0, repeated: 0 } });
  const report = { ok: true, at: '2026-01-01T00:00:00Z', databases: 1, tookMs: 0, audits: [] };
  return [registry, primaryMetrics(() => 0).registry, auditMetrics(report)];
}

const declaredBy = (registry: Registry): readonly DeclaredMetric[] =>
  // Its declaration lacks the names of labels.
  registry
    .getMetricsAsArray()
    .map((metric) => ({ labelNames: [], ...(metric as object) }) as unknown as DeclaredMetric);

it('docs/metrics.md lists what the processes of this program show, with types, labels and meanings', async () => {
  const metrics = [ofServer, ...ofOtherProcesses()].flatMap(declaredBy);
  await expect(metricsPage(metrics)).toMatchFileSnapshot(`../../${PAGE}`);
});

it('docs/metrics.md has every metric that a file of the program declares', () => {
  const listed = metricsOf(readFileSync(PAGE, 'utf8'));
  const files = globSync('src/**/*.ts', { exclude: (name) => name.endsWith('.test.ts') });
  const declaring = files
    .map((file) => readFileSync(file, 'utf8'))
    .filter((text) => /^import \{[^}]*\b(?:Counter|Gauge|Histogram)\b[^}]*\} from 'prom-client'/m.test(text));
  expect(declaring.length).toBeGreaterThan(15);
  const names = declaring.flatMap((text) => [...text.matchAll(/'(stampede_\w+)'/g)].map(([, name = '']) => name));
  expect(names.filter((name) => !listed.has(name) && name !== 'stampede_')).toEqual([]);
});

it('a counter ends in _total, and nothing else does', () => {
  const listed = [...metricsOf(readFileSync(PAGE, 'utf8'))];
  expect(listed.filter(([name, type]) => (type === 'counter') !== name.endsWith('_total'))).toEqual([]);
});

it('the metrics of a server have the state of its dependencies, its version, its tasks and its streams', async () => {
  const text = await (await fetch(on.server.metricsUrl)).text();
  expect(text).toContain('\nstampede_ready 1\n');
  expect(text).toContain('\nstampede_dependency_up{dependency="postgres"} 1\n');
  expect(text).toContain('\nstampede_dependency_up{dependency="redis"} 0\n');
  expect(text).toMatch(/\nstampede_build_info\{version="\d+\.\d+\.\d+"\} 1\n/);
  expect(text).toContain('\nstampede_job_period_seconds{job="coupon.open-and-end-policies"} 60\n');
  expect(text).toContain('\nstampede_job_runs_total{job="coupon.open-and-end-policies",outcome="failed"} 0\n');
  expect(text).toContain('\nstampede_streams_open{kind="stock"} 0\n');
});
