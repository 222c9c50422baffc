import { Gauge, type Registry } from 'prom-client';
import { MINUTE_MS } from '../kernel/durations.ts';

/** What one process measured is not shown for longer: another one may have measured since. */
const SHOWN_MS = 2 * MINUTE_MS;

export interface MeasuredGaugeOptions<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly Label[];
  /** Milliseconds that never step back. Default: since the start of the process. */
  readonly elapsedMs?: () => number;
}

/**
 * A gauge of what a scheduled task measures each minute, on one process of all. A process without a measurement of the last two minutes shows no value of
 * it, not 0: nothing is known, and 0 would look healthy. Over processes the maximum counts.
 * @returns sets the value, that of one child when the gauge has labels
 */
export function measuredGauge<Label extends string = never>(
  registry: Registry,
  { name, help, labelNames = [], elapsedMs = () => performance.now() }: MeasuredGaugeOptions<Label>,
): (value: number, labels?: Readonly<Record<Label, string>>) => void {
  let measuredMs = Number.NEGATIVE_INFINITY;
  const gauge = new Gauge<Label>({
    ...{ name, help, labelNames, aggregator: 'max', registers: [registry] },
    collect() {
      if (elapsedMs() - measuredMs <= SHOWN_MS) return;
      this.reset();
      // A reset gauge without labels is 0.
      if (labelNames.length === 0) this.remove();
    },
  });
  return (value, labels) => {
    measuredMs = elapsedMs();
    if (labels === undefined) gauge.set(value);
    else gauge.set(labels, value);
  };
}
