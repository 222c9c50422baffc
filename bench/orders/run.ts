/**
 * How many orders a second a hot time sale takes, beside what HTTP alone allows and the usual transaction a request; and how many
 * full checkouts, an order and its payment with points each. Needs wrk.
 */
import { parseArgs } from 'node:util';
import { describeMachine } from '../support/machine.ts';
import { type CheckoutSlice, checkoutSlice } from './checkout-slice.ts';
import { ENTRANTS, type Entrant } from './entrants.ts';
import { prepareGround } from './ground.ts';
import { type PlaceSlice, placeSlice } from './place-slice.ts';
import { type RefusalSlice, refusalsSection } from './refusals-section.ts';
import { renderResults, writeResults } from './results.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '512' },
    users: { type: 'string', default: '100000' },
    checkouts: { type: 'string', default: '20000' },
    pools: { type: 'string', default: '4,8,16,32' },
    only: { type: 'string', default: 'place,checkouts,refusals' },
    entrants: { type: 'string', default: ENTRANTS.map(({ id }) => id).join(',') },
    out: { type: 'string', default: 'docs/bench' },
  },
});
const [seconds, rounds, connections] = [Number(values.seconds), Number(values.rounds), Number(values.connections)];
const checkouts = Number(values.checkouts);
const parts = values.only.split(',');
const WARM_SECONDS = 2;
const TRIAL_SECONDS = 2;
/** With groups of one a checkout takes a dozen commits. */
const CHECKOUTS_OF_ONE = 0.1;

const entrant = (id: Entrant['id']): Entrant => {
  const found = ENTRANTS.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no entrant ${id}`);
  return found;
};
const asked = values.entrants.split(',');
const isAsked = (part: string, id: Entrant['id']): boolean => parts.includes(part) && asked.includes(id);
const ground = await prepareGround(Number(values.users));
const say = (round: string, { label }: Entrant, what: string, slice: PlaceSlice | CheckoutSlice): void => {
  const { perSecond, p50Ms, p95Ms, p99Ms, cpuUs, fault } = slice;
  const rate = `${Math.round(perSecond)}/s`.padStart(9);
  const times = `p50 ${p50Ms.toFixed(1)} p95 ${p95Ms.toFixed(1)} p99 ${p99Ms.toFixed(1)} ms`;
  const cpu = `CPU ${cpuUs.server ?? '?'} + ${cpuUs.postgres ?? '?'} us`;
  console.log(
    `${round}  ${what.padEnd(22)} ${label.padEnd(38)} ${rate}  ${times}  ${cpu}${fault ? `  FAULT ${fault}` : ''}`,
  );
};

try {
  const pools: Record<string, number> = {};
  for (const size of isAsked('place', 'transaction') ? values.pools.split(',') : []) {
    const trial = { connections, seconds: TRIAL_SECONDS, warmSeconds: 1, poolMax: Number(size) };
    const slice = await placeSlice(entrant('transaction'), ground, trial);
    pools[size] = slice.perSecond;
    say('trial', entrant('transaction'), `pool of ${size}`, slice);
  }
  const [best] = Object.entries(pools).toSorted(([, a], [, b]) => b - a);
  const poolMax = Number(best?.[0] ?? 16);

  const place: (PlaceSlice & { round: number })[] = [];
  const checkedOut: (CheckoutSlice & { round: number })[] = [];
  const COUPON = 'checkout with coupon';
  for (let round = 1; round <= rounds; round++) {
    // Each round begins with another entrant, so that none always follows the same one.
    const turn = (round - 1) % ENTRANTS.length;
    for (const one of [...ENTRANTS.slice(turn), ...ENTRANTS.slice(0, turn)]) {
      if (!isAsked('place', one.id)) continue;
      const slice = await placeSlice(one, ground, { connections, seconds, warmSeconds: WARM_SECONDS, poolMax });
      place.push({ ...slice, round });
      say(`${round}    `, one, 'order', slice);
    }
    for (const [id, withCoupon] of [
      ['bare', false],
      ['stampede', false],
      ['one', false],
      ['stampede', true],
    ] as const) {
      if (!isAsked('checkouts', id)) continue;
      const one = entrant(id);
      const share = id === 'one' ? CHECKOUTS_OF_ONE : 1;
      const slice = await checkoutSlice(one, ground, {
        connections,
        checkouts: Math.ceil(checkouts * share),
        withCoupon,
      });
      checkedOut.push({ ...slice, round });
      say(`${round}    `, one, withCoupon ? COUPON : 'checkout', slice);
    }
  }
  const refusals: RefusalSlice[] = [];
  if (parts.includes('refusals')) {
    const onSlice = (slice: RefusalSlice): void => {
      refusals.push(slice);
      const { refuser, round, perSecond, p99Ms, cpuUs } = slice;
      const cpu = `CPU ${cpuUs.server ?? '?'} + ${cpuUs.postgres ?? '?'} us`;
      console.log(
        `${round}      sold out, by ${refuser.padEnd(10)} ${Math.round(perSecond)}/s  p99 ${p99Ms.toFixed(1)} ms  ${cpu}`,
      );
    };
    await refusalsSection(ground, { connections, seconds, rounds, onSlice });
  }
  const machine = await describeMachine(ground.postgresUrl, 'wrk', undefined);
  const ranAt = new Date().toISOString();
  const results = { machine, ranAt, seconds, rounds, pools, place, checkouts: checkedOut, refusals };
  console.log(renderResults(results));
  await writeResults(values.out, results);
  if ([...place, ...checkedOut].some(({ fault }) => fault !== undefined)) process.exitCode = 1;
} finally {
  await ground.close();
}
