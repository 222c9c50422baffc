import type { Dashboard } from '../grafana.ts';
import { of, quantiles, rate } from '../queries.ts';

const ORDERS = 'route=~"/api/v1/(orders|payments|time-sales).*"';
const POINTS = 'route=~"/api/v1/points.*"';
const BATCHERS = 'lane!~"coupon[.].*"';

/** Orders, payments and points. */
export const orders: Dashboard = {
  uid: 'stampede-orders',
  title: 'Stampede: orders and points',
  description: 'Checkouts, payments, points, and the batchers behind them.',
  rows: [
    {
      title: 'Orders and payments',
      panels: [
        {
          title: 'Responses',
          description: 'Responses of routes of orders, payments and time sales, by status.',
          unit: 'reqps',
          queries: [rate('stampede_http_requests_total', ['method', 'route', 'status'], '', ORDERS)],
        },
        {
          title: 'Duration',
          description: 'From the first header to the response, by route.',
          unit: 's',
          queries: quantiles('stampede_http_request_seconds', ['route'], ORDERS, [0.99]),
        },
      ],
    },
    {
      title: 'Points',
      panels: [
        {
          title: 'Responses',
          description: 'Responses of routes of points, by status.',
          unit: 'reqps',
          queries: [rate('stampede_http_requests_total', ['method', 'route', 'status'], '', POINTS)],
        },
        {
          title: 'Duration',
          description: 'From the first header to the response, by route.',
          unit: 's',
          queries: quantiles('stampede_http_request_seconds', ['route'], POINTS, [0.99]),
        },
      ],
    },
    {
      title: 'Batchers',
      panels: [
        {
          title: 'Batches',
          description: 'Batches a second by batcher. Each is one transaction.',
          unit: 'ops',
          queries: [rate('stampede_lane_group_size_count', ['lane'], '', BATCHERS)],
        },
        {
          title: 'Commands in a batch',
          description: 'How many commands share a transaction.',
          unit: 'short',
          queries: [
            {
              expr: `sum by (lane) (rate(${of('stampede_lane_group_size_sum', BATCHERS)}[$__rate_interval])) / (sum by (lane) (rate(${of('stampede_lane_group_size_count', BATCHERS)}[$__rate_interval])) > 0)`,
              legend: '{{lane}}',
            },
          ],
        },
        {
          title: 'Wait in the queue',
          description: 'How long the oldest command of a batch has waited, at the 99th percentile.',
          unit: 's',
          queries: quantiles('stampede_lane_wait_seconds', ['lane'], BATCHERS, [0.99]),
        },
        {
          title: 'Failures',
          description: 'Batches that failed, by kind.',
          unit: 'ops',
          queries: [rate('stampede_lane_failures_total', ['lane', 'failure'], '', BATCHERS)],
        },
      ],
    },
    {
      title: 'Scheduled tasks of orders, points and coupons',
      panels: [
        {
          title: 'Processed',
          description:
            'What scheduled tasks processed: orders expired, checkouts continued, points expired, coupons expired.',
          unit: 'ops',
          queries: [rate('stampede_job_things_total', ['exported_job'], '', 'exported_job=~"(order|point|coupon).*"')],
        },
        {
          title: 'Runs that failed',
          description: 'They are retried.',
          unit: 'ops',
          queries: [rate('stampede_job_runs_total', ['exported_job'], '', 'outcome="failed"')],
        },
      ],
    },
  ],
};
