/** A metric as the program declares it. */
export interface DeclaredMetric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

interface Section {
  readonly title: string;
  readonly about: string;
  /** The names that belong here begin with one of these. */
  readonly prefixes: readonly string[];
}

/** A name belongs to the first section that has its prefix. */
const SECTIONS: readonly Section[] = [
  {
    title: 'Process',
    about: 'Of every process. `stampede_dependency_up` has the dependencies of `/readyz`.',
    prefixes: ['stampede_ready', 'stampede_dependency_', 'stampede_build_', 'stampede_worker'],
  },
  {
    title: 'HTTP',
    about: 'Of processes with the gateway. `route` is the path of the route, never that of a request.',
    prefixes: ['stampede_http_', 'stampede_streams_', 'stampede_public_reads_'],
  },
  {
    title: 'Batchers',
    about: 'Of processes with coupon, point, order or store. `lane` is the name of a batcher, such as `coupon.issue`.',
    prefixes: ['stampede_lane_'],
  },
  {
    title: 'Events',
    about: 'The outbox and the relay are those of the database of the process; one process of each database publishes.',
    prefixes: [
      'stampede_event',
      'stampede_relay_',
      'stampede_outbox_',
      'stampede_consumer_',
      'stampede_dead_letters_',
      'stampede_statistics_',
    ],
  },
  {
    title: 'Scheduled tasks',
    about:
      'Prometheus has a label `job` of its own, so that the one of these metrics arrives as `exported_job` (unless `honor_labels` is set).',
    prefixes: ['stampede_job_runs_', 'stampede_job_things_', 'stampede_job_last_', 'stampede_job_period_'],
  },
  {
    title: 'Notices and mail',
    about:
      'Of processes with notification or identity. What waits is measured by one process of all each minute: take the maximum over processes.',
    prefixes: ['stampede_notices_', 'stampede_job_notices_', 'stampede_deliveries_', 'stampede_mails_'],
  },
  {
    title: 'Webhooks',
    about:
      'Of processes with webhook. What waits and what is disabled is measured by one process of all each minute: take the maximum over processes.',
    prefixes: ['stampede_webhook_'],
  },
  {
    title: 'PostgreSQL and clock',
    about: 'The replica is there with `READ_DATABASE_URL` only.',
    prefixes: ['stampede_postgres_', 'stampede_replica_', 'stampede_clock_'],
  },
  { title: 'Redis', about: 'With `REDIS_URL` only.', prefixes: ['stampede_redis_'] },
  {
    title: 'Calls between processes',
    about: 'Of processes that call contexts of others.',
    prefixes: ['stampede_grpc_'],
  },
  {
    title: 'Passwords and images',
    about: 'Work beside the event loop.',
    prefixes: ['stampede_password_', 'stampede_images_'],
  },
  {
    title: 'Audits',
    about: 'In the file of `stampede audit --metrics FILE`, not in `/metrics`.',
    prefixes: ['stampede_audit_'],
  },
  {
    title: 'Node',
    about: 'Of every process, by [prom-client](https://github.com/siimon/prom-client).',
    prefixes: ['stampede_process_', 'stampede_nodejs_'],
  },
];

const INTRODUCTION = `# Metrics

What \`/metrics\` shows, in the text format of Prometheus: see [monitoring](monitoring.md) for how it is read, and for alerts and dashboards. A histogram has the
series \`…_bucket\`, \`…_sum\` and \`…_count\`. With workers one response has the sum of all; of a gauge that makes no sense as a sum it has the largest or smallest value.

This page is compared with the running program by a test, which also writes it: \`npx vitest run test/monitoring/metrics-page.int.test.ts -u\`.
`;

/** docs/metrics.md. @throws Error when a metric belongs to no section */
export function metricsPage(metrics: readonly DeclaredMetric[]): string {
  const sorted = metrics.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const of = ({ name }: DeclaredMetric) => {
    const section = SECTIONS.find(({ prefixes }) => prefixes.some((prefix) => name.startsWith(prefix)));
    if (section === undefined) throw new Error(`${name} belongs to no section of tools/metrics/page.ts`);
    return section;
  };
  const rows = Map.groupBy(sorted, of);
  return [INTRODUCTION, ...SECTIONS.flatMap((section) => sectionText(section, rows.get(section) ?? []))].join('\n');
}

const sectionText = ({ title, about }: Section, metrics: readonly DeclaredMetric[]): readonly string[] => [
  `## ${title}\n`,
  `${about}\n`,
  '| metric | type | labels | unit | meaning |',
  '|---|---|---|---|---|',
  ...metrics.map(
    ({ name, type, help, labelNames }) =>
      `| \`${name}\` | ${type} | ${labelNames.map((label) => `\`${label}\``).join(', ')} | ${unitOf(name)} | ${help.replaceAll('|', '\\|')} |`,
  ),
  '',
];

/** As the conventions of Prometheus have it: the unit is the end of the name. */
function unitOf(name: string): string {
  if (name.endsWith('_timestamp_seconds') || name.endsWith('_start_time_seconds')) return 'Unix time, seconds';
  if (/_seconds(_total)?$/.test(name) || /_lag_(mean|stddev|min|max|p\d+)_seconds$/.test(name)) return 'seconds';
  if (name.endsWith('_bytes')) return 'bytes';
  return 'number';
}

/** Returns the names and types of the metrics on the page. */
export function metricsOf(page: string): ReadonlyMap<string, string> {
  return new Map(
    [...page.matchAll(/^\| `(stampede_\w+)` \| (\w+) \|/gm)].map(([, name = '', type = '']) => [name, type]),
  );
}

/** Returns the names of the series of a metric. */
export const seriesOf = (name: string, type: string): readonly string[] =>
  type === 'histogram' ? ['bucket', 'sum', 'count'].map((end) => `${name}_${end}`) : [name];
