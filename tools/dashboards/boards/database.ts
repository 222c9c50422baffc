import type { Dashboard } from '../grafana.ts';
import { largest, of, quantiles, rate, total } from '../queries.ts';

/** PostgreSQL as the processes see it, events on their way, and calls between processes. */
export const database: Dashboard = {
  uid: 'stampede-database',
  title: 'Stampede: database, relay and services',
  description:
    'Connections to PostgreSQL, clocks, the outbox and its relay, consumers, scheduled tasks, Redis and gRPC.',
  rows: [
    {
      title: 'PostgreSQL',
      panels: [
        {
          title: 'Connections in use',
          description: 'Connections of each pool that run something.',
          unit: 'short',
          queries: [
            {
              expr: `sum by (pool) (${of('stampede_postgres_pool', 'state="total"')}) - sum by (pool) (${of('stampede_postgres_pool', 'state="idle"')})`,
              legend: '{{pool}}',
            },
          ],
        },
        {
          title: 'Waiting for a connection',
          description: 'Callers that wait for a connection. For a moment that is normal.',
          unit: 'short',
          queries: [total('stampede_postgres_pool', ['pool'], '', 'state="waiting"')],
        },
        {
          title: 'Offset of clocks',
          description:
            'How much the clock of each node differs from that of PostgreSQL. From 2 s on a node is not ready.',
          unit: 's',
          queries: [
            { expr: `max by (instance) (abs(${of('stampede_clock_offset_seconds')}))`, legend: '{{instance}}' },
          ],
        },
        {
          title: 'Read replica',
          description: 'How far behind it is. From 5 s on the primary serves its reads.',
          unit: 's',
          queries: [largest('stampede_replica_behind_seconds', ['instance'])],
        },
      ],
    },
    {
      title: 'Outbox and relay',
      panels: [
        {
          title: 'Age of the oldest event',
          description:
            'How long the oldest event has waited in the outbox. It grows while publishing fails or a long transaction is open.',
          unit: 's',
          queries: [largest('stampede_outbox_age_seconds', ['instance'])],
        },
        {
          title: 'Events in the outbox',
          description: 'Counted to 10,000.',
          unit: 'short',
          queries: [largest('stampede_outbox_rows', ['instance'])],
        },
        {
          title: 'Published',
          description:
            'Events a second that the bus accepted; those that nobody subscribed to; publications that failed and are retried.',
          unit: 'ops',
          queries: [
            rate('stampede_events_published_total', [], 'published'),
            rate('stampede_events_unwanted_total', [], 'without a consumer'),
            rate('stampede_relay_failures_total', [], 'failed'),
          ],
        },
        {
          title: 'Relay lag',
          description: 'From the write of an event to its publication.',
          unit: 's',
          queries: [largest('stampede_relay_lag_seconds', ['instance'])],
        },
      ],
    },
    {
      title: 'Consumers',
      panels: [
        {
          title: 'Handled',
          description: 'Events a second by consumer group.',
          unit: 'ops',
          queries: [rate('stampede_events_handled_total', ['group'])],
        },
        {
          title: 'Failures and dead letters',
          description: 'Batches that failed, and events that a group gave up on: stampede dlq list shows them.',
          unit: 'ops',
          queries: [
            { ...rate('stampede_event_handler_failures_total', ['group']), legend: '{{group}} failed' },
            { ...rate('stampede_dead_letters_total', ['group']), legend: '{{group}} dead letters' },
          ],
        },
        {
          title: 'Lag on Kafka',
          description: 'Events that a group has yet to handle.',
          unit: 'short',
          queries: [total('stampede_consumer_lag_events', ['group'])],
        },
        {
          title: 'Lag of statistics',
          description: 'How old the youngest fact was when the last events were counted.',
          unit: 's',
          queries: [largest('stampede_statistics_lag_seconds', [], 'lag')],
        },
      ],
    },
    {
      title: 'Scheduled tasks',
      panels: [
        {
          title: 'Runs',
          description: 'Runs of tasks by outcome. stopped: the node drained, and another one continues.',
          unit: 'ops',
          queries: [rate('stampede_job_runs_total', ['outcome'])],
        },
        {
          title: 'Periods since the last success',
          description:
            'How many of its periods a task has not succeeded for with a database, on any node. Beyond 3 it is overdue.',
          unit: 'short',
          queries: [
            {
              expr: `topk(10, (time() - max by (exported_job, database) (${of('stampede_job_last_success_timestamp_seconds')} * on (job, instance) group_left (database) ${of('instance:stampede_database:info')})) / on (exported_job) group_left max by (exported_job) (${of('stampede_job_period_seconds')}))`,
              legend: '{{exported_job}} {{database}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Redis and calls between processes',
      panels: [
        {
          title: 'Commands to Redis',
          description:
            'By how they ended. skipped: Redis is not connected, or rests after time-outs; requests go on without it.',
          unit: 'ops',
          queries: [rate('stampede_redis_commands_total', ['outcome'])],
        },
        {
          title: 'Calls by outcome',
          description: 'Calls to contexts of other processes that did not end well.',
          unit: 'ops',
          queries: [rate('stampede_grpc_client_calls_total', ['context', 'outcome'], '', 'outcome!~"ok|refused"')],
        },
        {
          title: 'Duration of calls',
          description: 'With their repeats.',
          unit: 's',
          queries: quantiles('stampede_grpc_client_seconds', ['context']),
        },
        {
          title: 'Instances',
          description: 'Processes of each context: known, and with a connection. The smallest number over the callers.',
          unit: 'short',
          queries: [
            {
              expr: `min by (context, state) (${of('stampede_grpc_client_instances')})`,
              legend: '{{context}} {{state}}',
            },
          ],
        },
      ],
    },
  ],
};
