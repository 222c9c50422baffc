import { Counter, Gauge, type Registry } from 'prom-client';

export interface BusMetrics {
  readonly handled: Counter<'group'>;
  readonly failures: Counter<'group'>;
  readonly deadLetters: Counter<'group'>;
  /** Kafka only. */
  readonly rejectedSignatures: Counter<'topic' | 'reason'>;
  /** Kafka only: in process nothing lags that is not in the outbox. */
  readonly lag: Gauge<'group' | 'topic'>;
  /** Shows a consumer group from now on, so that the increase by its first failure can be seen. */
  addGroup(group: string): void;
}

export function busMetrics(registry: Registry): BusMetrics {
  const counter = (name: string, help: string) =>
    new Counter({ name, help, labelNames: ['group'] as const, registers: [registry] });
  const handled = counter('stampede_events_handled_total', 'Events that a consumer group is done with');
  const failures = counter('stampede_event_handler_failures_total', 'Batches that a consumer group failed to handle');
  const deadLetters = counter('stampede_dead_letters_total', 'Events that a consumer group gave up on');
  return {
    ...{ handled, failures, deadLetters },
    addGroup(group) {
      for (const each of [handled, failures, deadLetters]) each.inc({ group }, 0);
    },
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
