import { AggregatorRegistry } from 'prom-client';
import type { Metrics } from './protocol.ts';

/** The metrics of several processes as those of one. Each metric names how its values are combined (`aggregator`). */
export interface SummedMetrics {
  /** Adds what a process that has ended had counted, as far as `last` has it: a sum that steps back looks like a restart to Prometheus. */
  retire(last: Metrics): Promise<void>;
  text(present: readonly Metrics[]): Promise<string>;
}

const COUNTED: ReadonlySet<string> = new Set(['counter', 'histogram']);

export function summedMetrics(): SummedMetrics {
  let retired: Metrics = [];
  // The declaration of prom-client has neither `readonly` nor the type of what getMetricsAsJSON returns.
  const combine = (all: readonly Metrics[]) => AggregatorRegistry.aggregate(all as unknown as object[]);
  return {
    async retire(last) {
      const counted = last.filter(({ type }) => COUNTED.has(String(type)));
      retired = await combine([retired, counted]).getMetricsAsJSON();
    },
    // Those of live processes come first: `first` takes the value of one of them.
    text: (present) => combine([...present, retired]).metrics(),
  };
}
