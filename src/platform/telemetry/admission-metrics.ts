import { Counter, Gauge, type Registry } from 'prom-client';
import type { Admission, ShedReason } from '../http/admission.ts';
import type { Pacer } from '../http/pacer.ts';

/** Registers what a node admits and refuses. Returns the function that counts a refused request. */
export function admissionMetrics(
  registry: Registry,
  admission: Admission,
  refusalPacer: Pacer,
): (reason: ShedReason) => void {
  const shed = new Counter({
    name: 'stampede_http_shed_total',
    help: 'Requests refused with 503 because the node is overloaded, by reason',
    labelNames: ['reason'],
    registers: [registry],
  });
  // Present from the start, so that a rate over the first refusals can be seen.
  const labelled = (reason: ShedReason) => {
    shed.inc({ reason }, 0);
    return shed.labels(reason);
  };
  const counts = { limit: labelled('limit'), late: labelled('late'), route: labelled('route') } satisfies Record<
    ShedReason,
    unknown
  >;
  gauge(registry, 'stampede_http_in_flight', 'Requests that were read and have no response yet', admission.inFlight);
  gauge(
    registry,
    'stampede_http_in_flight_limit',
    'How many may be in flight before others are refused',
    admission.limit,
  );
  gauge(registry, 'stampede_http_refusals_waiting', 'Refused requests whose 503 is held back', refusalPacer.waiting);
  return (reason) => counts[reason].inc();
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
