import { Counter, Gauge, type Registry } from 'prom-client';

export interface RelayMetrics {
  readonly published: Counter;
  readonly unwanted: Counter;
  readonly failures: Counter;
  readonly invalid: Counter;
  readonly lagSeconds: Gauge;
  readonly outboxRows: Gauge;
  readonly outboxAgeSeconds: Gauge;
  /** `database` is the id of its event source: of several databases each has a leader. */
  readonly leader: Gauge<'database'>;
}

export function relayMetrics(registry: Registry): RelayMetrics {
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const gauge = (name: string, help: string) => new Gauge({ name, help, aggregator: 'max', registers });
  return {
    published: counter(
      'stampede_events_published_total',
      'Events that the bus accepted and that were deleted from the outbox',
    ),
    unwanted: counter(
      'stampede_events_unwanted_total',
      'Events that were deleted from the outbox because no consumer subscribed to their topic',
    ),
    failures: counter('stampede_relay_failures_total', 'Outbox rows that could not be published and are retried'),
    invalid: counter(
      'stampede_events_invalid_total',
      'Events of this system that became dead letters because they do not match the catalogue: a bug in this program',
    ),
    lagSeconds: gauge(
      'stampede_relay_lag_seconds',
      'Time from the write of the newest published outbox row to its publication',
    ),
    outboxRows: gauge('stampede_outbox_rows', 'Rows in the outbox, counted to 10000; every 5 s, by the leader'),
    outboxAgeSeconds: gauge(
      'stampede_outbox_age_seconds',
      'Age of the oldest outbox row; grows when publishing fails or while a long transaction is open',
    ),
    leader: new Gauge({
      name: 'stampede_relay_leader',
      help: '1 on the node that publishes the events of its database, 0 on the others that use it; database is the column source of platform.event_source',
      labelNames: ['database'],
      ...{ aggregator: 'max', registers },
    }),
  };
}
