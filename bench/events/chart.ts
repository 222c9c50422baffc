import { type Bar, barChart } from '../support/bar-chart.ts';
import type { Machine } from '../support/machine.ts';
import type { Spread } from '../support/statistics.ts';

export interface Charted {
  readonly machine: Machine;
  readonly messages: number;
  readonly rounds: number;
  readonly candidates: readonly { readonly id: string; readonly label: string; readonly perSecond: Spread }[];
}

const COLOURS: Readonly<Record<string, Bar['kind']>> = { a: 'ceiling', b: 'ceiling', f: 'other' };

export function chart({ machine, messages, rounds, candidates }: Charted): string {
  const { cores, model, versions } = machine;
  return barChart({
    title: 'Payments a second, from the topic to the used coupon',
    subtitle: `${messages.toLocaleString('en')} messages a measurement, committed before they are counted; median of ${rounds} rounds, whiskers from slowest to fastest`,
    footer: `${cores} cores of ${model}, shared with Kafka and PostgreSQL ${versions['postgres']}; fsync on`,
    about: 'Payments a second by way of handling',
    bars: candidates.map(({ id, label, perSecond }) => ({ id, label, rate: perSecond, kind: COLOURS[id] ?? 'ours' })),
  });
}
