/** Reminds users of coupons that expire soon, on the running server, alone and while coupons are issued. See bench/README.md. */
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { createPolicy } from '../../src/commands/rush/coupon/create-policy.ts';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import { prepareFixture } from '../issue/fixture.ts';
import { closeOnSignal } from '../support/child.ts';
import { describeMachine } from '../support/machine.ts';
import { ratioOf, spreadOf } from '../support/statistics.ts';
import { startSystem } from '../support/system.ts';
import { fillCoupons, startReminding } from './coupons.ts';

const { values } = parseArgs({
  options: {
    coupons: { type: 'string', default: '10000000' },
    due: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '6' },
    connections: { type: 'string', default: '64' },
    out: { type: 'string', default: 'docs/bench' },
  },
});
const number = (name: keyof typeof values): number => Number(values[name]);
const TOKENS_PER_SECOND = 45_000;
const MANY = 2_000_000_000;
/** The goals: found and written in this time, and issuing beside it at this ratio to issuing alone. */
const SECONDS_MAX = 60;
const RATIO_MIN = 0.8;

const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);
const [seconds, due, coupons] = [number('seconds'), number('due'), number('coupons')];
const fixture = await prepareFixture(TOKENS_PER_SECOND * seconds, TOKENS_PER_SECOND);
closeOnSignal(() => fixture.close());
try {
  const databaseUrl = await fixture.createDatabase('reminders');
  const system = await startSystem({ ...fixture, databaseUrl });
  const client = new pg.Client({ connectionString: databaseUrl });
  // Rejects when the server ends because of another error: that error must be reported instead.
  client.on('error', () => {});
  await client.connect();
  const tokens = accessTokens(fixture.jwtSecret, Date.now);
  const policy = () => createPolicy(new URL(system.url), tokens, MANY, Date.now());
  let faults = 0;

  /** Coupons issued a second. */
  async function load(): Promise<number> {
    const policyIds = [await policy()];
    const selected = { url: system.url, policyIds, connections: number('connections'), repeats: false };
    const result = await fixture.load.send({ ...selected, tokens: fixture.tokens, seconds });
    faults += result.refused + result.broken;
    return (result.requests - result.refused) / result.seconds;
  }

  say(`filling ${coupons} coupons, of which ${due} are due`);
  await fillCoupons(client, await policy(), coupons, due);
  say('reminding their users, nothing else going on');
  const aloneSeconds = await (await startReminding(client, databaseUrl, due)).finished();
  say(`${due} in ${aloneSeconds.toFixed(1)} s`);
  await load();

  const [without, beside, reminded]: [number[], number[], number[]] = [[], [], []];
  for (let round = 1; round <= number('rounds'); round++) {
    without.push(await load());
    const reminding = await startReminding(client, databaseUrl, due);
    beside.push(await load());
    const wasOver = await reminding.isOver();
    reminded.push(await reminding.finished());
    if (wasOver) throw new Error('all users were reminded before the load ended: raise --due');
    say(
      `round ${round}: ${Math.round(without.at(-1) ?? 0)} issued/s, beside reminders ${Math.round(beside.at(-1) ?? 0)} issued/s; all reminded in ${reminded.at(-1)?.toFixed(1)} s`,
    );
  }
  const ratio = ratioOf(beside, without);
  const results = {
    at: new Date().toISOString(),
    machine: await describeMachine(databaseUrl, fixture.load.name, undefined),
    coupons,
    due,
    aloneSeconds,
    issuing: { without: spreadOf(without), beside: spreadOf(beside), ratio, remindedSeconds: spreadOf(reminded) },
    faults,
  };
  await client.end();
  await system.stop();
  await mkdir(values.out, { recursive: true });
  await writeFile(`${values.out}/reminders.json`, `${JSON.stringify(results, undefined, 2)}\n`);
  console.log(JSON.stringify({ aloneSeconds, issuing: results.issuing, faults }, undefined, 2));
  console.log(
    `goals: ${aloneSeconds <= SECONDS_MAX ? 'met' : 'not met'}, at most ${SECONDS_MAX} s; ratio at least ${RATIO_MIN}`,
  );
  if (faults > 0) process.exitCode = 1;
} finally {
  await fixture.close();
}
