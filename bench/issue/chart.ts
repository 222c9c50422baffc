import { type Bar, barChart } from '../support/bar-chart.ts';
import type { Machine } from '../support/machine.ts';
import { CANDIDATES, type Candidate } from './candidates.ts';
import { rateOf } from './main-figures.ts';
import type { MainSection } from './main-section.ts';

const KINDS: Readonly<Record<Candidate['store'], Bar['kind']>> = { coupon: 'ours', none: 'ceiling', bench: 'other' };

/** The main table as a picture. */
export function chart(machine: Machine, main: MainSection): string {
  const { cores, model, versions } = machine;
  return barChart({
    title: 'Answers a second on one hot policy',
    subtitle: `${main.connections} connections, coupons durable before they are answered; median of ${main.rounds} rounds, whiskers from slowest to fastest`,
    footer: `${cores} cores of ${model}, shared with PostgreSQL ${versions['postgres']} and the load generator (${versions['load']}); fsync on`,
    about: 'Answers a second by way of issuing',
    bars: CANDIDATES.flatMap(({ id, label, store }) => {
      const rate = rateOf(main, id);
      return rate === undefined ? [] : [{ id, label, rate, kind: KINDS[store] }];
    }),
  });
}
