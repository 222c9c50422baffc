import type { Dashboard } from '../grafana.ts';
import { of, quantiles, rate, total } from '../queries.ts';

const ISSUE = 'route="/api/v1/coupons/policies/:policyId/issue"';
const COUPON = 'lane=~"coupon[.].*"';

/** A first-come opening: who gets a coupon, how fast, and what holds it up. */
export const opening: Dashboard = {
  uid: 'stampede-opening',
  title: 'Stampede: first-come opening',
  description: 'One rush: coupons issued, refusals, batches, and what issuing waits for.',
  rows: [
    {
      title: 'Issuing',
      panels: [
        {
          title: 'Responses to issue requests',
          description:
            '201 has a coupon. 409 and 410 are refusals: sold out, or issued to this user already. 429 meets a limit, 503 says to try again.',
          unit: 'reqps',
          queries: [rate('stampede_http_requests_total', ['status'], '', ISSUE)],
        },
        {
          title: 'Duration of issue requests',
          description: 'From the first header to the response.',
          unit: 's',
          queries: quantiles('stampede_http_request_seconds', [], ISSUE, [0.5, 0.95, 0.99]),
        },
        {
          title: 'Refused before they are read',
          description: 'Requests that an overloaded node refuses, by reason.',
          unit: 'reqps',
          queries: [rate('stampede_http_shed_total', ['reason'])],
        },
        {
          title: 'Facts shared by Redis',
          description: 'How often a fact of another node could refuse a request (with REDIS_URL and the gate).',
          unit: 'ops',
          queries: [rate('stampede_redis_facts_total', ['result'])],
        },
      ],
    },
    {
      title: 'Batches',
      panels: [
        {
          title: 'Commands in a batch',
          description: 'Grows under load, up to 256: the more commands share a commit, the more are issued a second.',
          unit: 'short',
          queries: [
            {
              expr: `sum by (lane) (rate(${of('stampede_lane_group_size_sum', COUPON)}[$__rate_interval])) / (sum by (lane) (rate(${of('stampede_lane_group_size_count', COUPON)}[$__rate_interval])) > 0)`,
              legend: '{{lane}}',
            },
          ],
        },
        {
          title: 'Time of a batch',
          description:
            'From its dispatch until its callers have their results: two round trips to PostgreSQL and a commit.',
          unit: 's',
          queries: quantiles('stampede_lane_group_seconds', ['lane'], COUPON),
        },
        {
          title: 'Wait in the queue',
          description: 'How long the oldest command of a batch has waited.',
          unit: 's',
          queries: quantiles('stampede_lane_wait_seconds', ['lane'], COUPON),
        },
        {
          title: 'Failures and full queues',
          description:
            'Batches that failed, by kind, and commands that a full queue refused. unknown: the COMMIT got no response, and the outcome is looked up.',
          unit: 'ops',
          queries: [
            rate('stampede_lane_failures_total', ['lane', 'failure'], '', COUPON),
            { ...rate('stampede_lane_refused_total', ['lane'], '', COUPON), legend: '{{lane}} queue full' },
          ],
        },
      ],
    },
    {
      title: 'What it shares the machine with',
      panels: [
        {
          title: 'Streams',
          description: 'Open streams by kind.',
          unit: 'short',
          queries: [total('stampede_streams_open', ['kind'])],
        },
        {
          title: 'Passwords',
          description:
            'Log-ins before an opening: passwords that are hashed, and that wait. From 256 on they are refused.',
          unit: 'short',
          queries: [
            total('stampede_password_hashes_running', [], 'running'),
            total('stampede_password_hashes_waiting', [], 'waiting'),
          ],
        },
        {
          title: 'Public reads',
          description: 'Reads of policies and stocks by where their bodies came from.',
          unit: 'reqps',
          queries: [rate('stampede_public_reads_total', ['from'])],
        },
        {
          title: 'Coupon events',
          description: 'Events that were published, and handled by each consumer group.',
          unit: 'ops',
          queries: [
            rate('stampede_events_published_total', [], 'published'),
            rate('stampede_events_handled_total', ['group']),
          ],
        },
      ],
    },
  ],
};
