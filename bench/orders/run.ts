/**
 * How many orders a second a hot time sale takes, beside what HTTP alone allows and the usual transaction a request; and how many
 * full checkouts, an order and its payment with points each. Needs wrk.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '../support/machine.ts';
import { rotated } from '../support/rotated.ts';
import { CANDIDATES as ALL, type Candidate, otherBuild } from './candidates.ts';
import { type CheckoutMeasurement, measureCheckouts } from './checkout-measurement.ts';
import { prepareFixture } from './fixture.ts';
import { measurePlacing, type PlaceMeasurement } from './place-measurement.ts';
import { type RefusalMeasurement, refusalsSection } from './refusals-section.ts';
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
    candidates: { type: 'string' },
    against: { type: 'string' },
    out: { type: 'string', default: 'docs/bench' },
  },
});
const [seconds, rounds, connections] = [Number(values.seconds), Number(values.rounds), Number(values.connections)];
const checkouts = Number(values.checkouts);
const parts = values.only.split(',');
const WARM_SECONDS = 2;
const TRIAL_SECONDS = 2;
/** With batches of one a checkout takes a dozen commits. */
const CHECKOUTS_OF_ONE = 0.1;

const CANDIDATES = values.against === undefined ? ALL : [...ALL, otherBuild(resolve(values.against))];
const candidate = (id: Candidate['id']): Candidate => {
  const found = CANDIDATES.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no candidate ${id}`);
  return found;
};
const selected = values.candidates?.split(',') ?? CANDIDATES.map(({ id }) => id);
const isAsked = (part: string, id: Candidate['id']): boolean =>
  parts.includes(part) && CANDIDATES.some((one) => one.id === id) && selected.includes(id);
const fixture = await prepareFixture(Number(values.users));
const say = (
  round: string,
  { label }: Candidate,
  what: string,
  measurement: PlaceMeasurement | CheckoutMeasurement,
): void => {
  const { perSecond, p50Ms, p95Ms, p99Ms, cpuUs, fault } = measurement;
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
    const measurement = await measurePlacing(candidate('transaction'), fixture, trial);
    pools[size] = measurement.perSecond;
    say('trial', candidate('transaction'), `pool of ${size}`, measurement);
  }
  const [best] = Object.entries(pools).toSorted(([, a], [, b]) => b - a);
  const poolMax = Number(best?.[0] ?? 16);

  const place: (PlaceMeasurement & { round: number })[] = [];
  const checkedOut: (CheckoutMeasurement & { round: number })[] = [];
  const COUPON = 'checkout with coupon';
  for (let round = 1; round <= rounds; round++) {
    for (const one of rotated(CANDIDATES, round - 1)) {
      if (!isAsked('place', one.id)) continue;
      const measurement = await measurePlacing(one, fixture, {
        connections,
        seconds,
        warmSeconds: WARM_SECONDS,
        poolMax,
      });
      place.push({ ...measurement, round });
      say(`${round}    `, one, 'order', measurement);
    }
    for (const [id, withCoupon] of [
      ['bare', false],
      ['stampede', false],
      ['other', false],
      ['one', false],
      ['other', true],
      ['stampede', true],
    ] as const) {
      if (!isAsked('checkouts', id)) continue;
      const one = candidate(id);
      const share = id === 'one' ? CHECKOUTS_OF_ONE : 1;
      const measurement = await measureCheckouts(one, fixture, {
        connections,
        checkouts: Math.ceil(checkouts * share),
        withCoupon,
      });
      checkedOut.push({ ...measurement, round });
      say(`${round}    `, one, withCoupon ? COUPON : 'checkout', measurement);
    }
  }
  const refusals: RefusalMeasurement[] = [];
  if (parts.includes('refusals')) {
    const onMeasurement = (measurement: RefusalMeasurement): void => {
      refusals.push(measurement);
      const { refuser, round, perSecond, p99Ms, cpuUs } = measurement;
      const cpu = `CPU ${cpuUs.server ?? '?'} + ${cpuUs.postgres ?? '?'} us`;
      console.log(
        `${round}      sold out, by ${refuser.padEnd(10)} ${Math.round(perSecond)}/s  p99 ${p99Ms.toFixed(1)} ms  ${cpu}`,
      );
    };
    await refusalsSection(fixture, { connections, seconds, rounds, onMeasurement });
  }
  const machine = await describeMachine(fixture.postgresUrl, 'wrk', undefined);
  const ranAt = new Date().toISOString();
  const results = { machine, ranAt, seconds, rounds, pools, place, checkouts: checkedOut, refusals };
  console.log(renderResults(results));
  await writeResults(values.out, results);
  if ([...place, ...checkedOut].some(({ fault }) => fault !== undefined)) process.exitCode = 1;
} finally {
  await fixture.close();
}
