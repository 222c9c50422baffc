import type { Dashboard } from '../grafana.ts';
import { largest, of, quantiles, rate, ratio, total } from '../queries.ts';

const REQUESTS = rate('stampede_http_requests_total', []);
/** Streams stay open for hours. */
const SHORT = 'route!~".*/stream"';

/** Rate, errors, duration, and what is close to its limit. */
export const overview: Dashboard = {
  uid: 'stampede-overview',
  title: 'Stampede: overview',
  description: 'Rate, errors and duration of requests; what is saturated; the state of processes and audits.',
  rows: [
    {
      title: 'State',
      panels: [
        {
          title: 'Processes not ready',
          description:
            'Processes whose /readyz returns 503. Prometheus cannot see those that do not respond: see the alert StampedeProcessDown.',
          unit: 'short',
          type: 'stat',
          redFrom: 1,
          queries: [{ expr: `count(${of('stampede_ready')} == 0) or vector(0)`, legend: 'not ready' }],
        },
        {
          title: 'Dependencies down',
          description: 'PostgreSQL, Kafka, Redis and others as /readyz has them, counted for each process.',
          unit: 'short',
          type: 'stat',
          redFrom: 1,
          queries: [{ expr: `count(${of('stampede_dependency_up')} == 0) or vector(0)`, legend: 'down' }],
        },
        {
          title: 'Broken invariants',
          description: 'What the last stampede audit --metrics found. Anything but 0 needs somebody now.',
          unit: 'short',
          type: 'stat',
          redFrom: 1,
          queries: [{ expr: 'sum(stampede_audit_broken)', legend: 'broken' }],
        },
        {
          title: 'Last audit',
          description: 'When the last audit looked at the data. It should run each day.',
          unit: 'dateTimeFromNow',
          type: 'stat',
          queries: [{ expr: 'max(stampede_audit_timestamp_seconds) * 1000', legend: 'audit' }],
        },
        {
          title: 'Dependencies',
          description: '1 while a dependency responds on every process, 0 while it does not on some.',
          unit: 'short',
          queries: [{ expr: `min by (dependency) (${of('stampede_dependency_up')})`, legend: '{{dependency}}' }],
        },
        {
          title: 'Processes by version',
          description: 'During an upgrade there are two versions, otherwise one.',
          unit: 'short',
          queries: [{ expr: `count by (version) (${of('stampede_build_info')})`, legend: '{{version}}' }],
        },
      ],
    },
    {
      title: 'Requests',
      panels: [
        {
          title: 'Requests by status',
          description: 'Responses a second by status.',
          unit: 'reqps',
          queries: [rate('stampede_http_requests_total', ['status'])],
        },
        {
          title: 'Errors and refusals',
          description:
            'The share of responses that are a fault of the system (5xx without 503), that say to try again (503), and that meet a limit (429).',
          unit: 'percentunit',
          queries: [
            ratio(rate('stampede_http_requests_total', [], '', 'status=~"5..", status!="503"'), REQUESTS, 'errors'),
            ratio(rate('stampede_http_requests_total', [], '', 'status="503"'), REQUESTS, 'unavailable'),
            ratio(rate('stampede_http_requests_total', [], '', 'status="429"'), REQUESTS, 'over a limit'),
          ],
        },
        {
          title: 'Duration',
          description: 'From the first header to the response, without streams.',
          unit: 's',
          queries: quantiles('stampede_http_request_seconds', [], SHORT, [0.5, 0.95, 0.99]),
        },
        {
          title: 'Duration by route',
          description: 'The ten slowest routes at the 99th percentile.',
          unit: 's',
          queries: [
            {
              expr: `topk(10, histogram_quantile(0.99, sum by (method, route, le) (rate(${of('stampede_http_request_seconds_bucket', SHORT)}[$__rate_interval]))))`,
              legend: '{{method}} {{route}}',
            },
          ],
        },
        {
          title: 'Requests by route',
          description: 'The ten busiest routes.',
          unit: 'reqps',
          queries: [
            {
              expr: `topk(10, sum by (method, route) (rate(${of('stampede_http_requests_total')}[$__rate_interval])))`,
              legend: '{{method}} {{route}}',
            },
          ],
        },
        {
          title: 'Refused before they are read',
          description:
            'Requests that an overloaded node refuses with 503, by reason. Those that it accepts are served in time.',
          unit: 'reqps',
          queries: [rate('stampede_http_shed_total', ['reason'])],
        },
      ],
    },
    {
      title: 'Saturation',
      panels: [
        {
          title: 'Requests in flight',
          description:
            'Requests that are read and not responded to, and how many may be in flight before others are refused.',
          unit: 'short',
          queries: [
            total('stampede_http_in_flight', [], 'in flight'),
            total('stampede_http_in_flight_limit', [], 'limit'),
          ],
        },
        {
          title: 'CPU',
          description:
            'Cores that each process uses. The event loop has one; threads for passwords and images come on top.',
          unit: 'short',
          queries: [rate('stampede_process_cpu_seconds_total', ['instance'])],
        },
        {
          title: 'Event loop',
          description: 'How late the event loop is at the 99th percentile.',
          unit: 's',
          queries: [largest('stampede_nodejs_eventloop_lag_p99_seconds', ['instance'])],
        },
        {
          title: 'Memory',
          description: 'Memory of each process.',
          unit: 'bytes',
          queries: [largest('stampede_process_resident_memory_bytes', ['instance'])],
        },
        {
          title: 'Connections and streams',
          description: 'Open connections of clients, and the streams among them by kind.',
          unit: 'short',
          queries: [
            total('stampede_http_connections', [], 'connections'),
            { ...total('stampede_streams_open', ['kind']), legend: 'streams: {{kind}}' },
          ],
        },
        {
          title: 'Open files',
          description: 'The share of files and sockets that a process may open.',
          unit: 'percentunit',
          queries: [
            {
              expr: `${of('stampede_process_open_fds')} / ${of('stampede_process_max_fds')}`,
              legend: '{{instance}}',
            },
          ],
        },
      ],
    },
  ],
};
