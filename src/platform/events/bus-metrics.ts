import { Counter, Gauge, type Registry } from 'prom-client';

export interface BusMetrics {
  readonly handled: Counter<'group'>;
  readonly failures: Counter<'group'>;
  readonly deadLetters: Counter<'group'>;
  /** Kafka only. */
  readonly rejectedSignatures: Counter<'topic' | 'reason'>;
  /** Kafka only: in process nothing lags that is not in the outbox. */
  readonly lag: Gauge<'group' | 'topic'>;
}

export function busMetrics(registry: Registry): BusMetrics {
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['group'] as const, registers: [registry] });
  return {
    handled: counter('stampede_events_handled_total', 'Events that a consumer group is done with'),
    failures: counter('stampede_event_handler_failures_total', 'Batches that a consumer group failed to handle'),
    deadLetters: counter('stampede_dead_letters_total', 'Events that a consumer group gave up on'),
    rejectedSignatures: new Counter({
      name: 'stampede_event_signatures_rejected_total',
      help: 'Messages on Kafka that became dead letters because their producer is not known, once for each consumer group',
      labelNames: ['topic', 'reason'] as const,
      registers: [registry],
    }),
    lag: new Gauge({
      name: 'stampede_consumer_lag_events',
      help: 'Events of a topic that a consumer group has yet to handle, in the partitions of this node; every 5 s',
      labelNames: ['group', 'topic'] as const,
      registers: [registry],
    }),
  };
}
