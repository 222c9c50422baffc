/** Expires many coupons on the running server, alone and while others are issued. See bench/README.md. */
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
import { fillDue, startExpiry } from './coupons.ts';

const { values } = parseArgs({
  options: {
    coupons: { type: 'string', default: '1000000' },
    beside: { type: 'string', default: '400000' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '6' },
    connections: { type: 'string', default: '64' },
    out: { type: 'string', default: 'docs/bench' },
  },
});
const number = (name: keyof typeof values): number => Number(values[name]);
const TOKENS_PER_SECOND = 45_000;
const MANY = 2_000_000_000;

const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);
const seconds = number('seconds');
const fixture = await prepareFixture(TOKENS_PER_SECOND * seconds, TOKENS_PER_SECOND);
closeOnSignal(() => fixture.close());
try {
  const databaseUrl = await fixture.createDatabase('expiry');
  const system = await startSystem({ ...fixture, databaseUrl });
  const client = new pg.Client({ connectionString: databaseUrl });
  // Rejects when the server ends because of another error: that error must be reported instead.
  client.on('error', () => {});
  await client.connect();
  const tokens = accessTokens(fixture.jwtSecret, Date.now);
  const policy = () => createPolicy(new URL(system.url), tokens, MANY, Date.now());
  const template = await policy();
  let faults = 0;

  /** Coupons issued a second. */
  async function load(): Promise<number> {
    const selected = {
      url: system.url,
      policyIds: [await policy()],
      connections: number('connections'),
      repeats: false,
    };
    const result = await fixture.load.send({ ...selected, tokens: fixture.tokens, seconds });
    faults += result.refused + result.broken;
    return (result.requests - result.refused) / result.seconds;
  }

  await fixture.load.send({
    url: system.url,
    policyIds: [await policy()],
    connections: number('connections'),
    repeats: false,
    tokens: fixture.warmTokens,
    seconds: 1,
  });
  say(`filling ${values.coupons} coupons that are due`);
  await fillDue(client, template, 1, number('coupons'));
  say('expiring them, nothing else going on');
  const alone = await (await startExpiry(client, databaseUrl, 1)).finished();
  say(`${alone.coupons} in ${alone.seconds.toFixed(1)} s`);

  const [without, beside, expired]: [number[], number[], number[]] = [[], [], []];
  for (let round = 1; round <= number('rounds'); round++) {
    without.push(await load());
    const from = 1_000 * round;
    await fillDue(client, template, from, number('beside'));
    const expiry = await startExpiry(client, databaseUrl, from);
    await expiry.begun();
    beside.push(await load());
    if (await expiry.isOver()) throw new Error('all had expired before the load ended: raise --beside');
    const { coupons, seconds: took } = await expiry.finished();
    expired.push(coupons / took);
    say(
      `round ${round}: ${Math.round(without.at(-1) ?? 0)} issued/s, beside expiries ${Math.round(beside.at(-1) ?? 0)} issued/s; ${Math.round(expired.at(-1) ?? 0)} expired/s over the round`,
    );
  }
  const results = {
    at: new Date().toISOString(),
    machine: await describeMachine(databaseUrl, fixture.load.name, undefined),
    alone: { ...alone, perSecond: Math.round(alone.coupons / alone.seconds) },
    issuing: {
      without: spreadOf(without),
      beside: spreadOf(beside),
      ratio: ratioOf(beside, without),
      expired: spreadOf(expired),
    },
    faults,
  };
  await client.end();
  await system.stop();
  await mkdir(values.out, { recursive: true });
  await writeFile(`${values.out}/expiry.json`, `${JSON.stringify(results, undefined, 2)}\n`);
  console.log(JSON.stringify({ alone: results.alone, issuing: results.issuing, faults }, undefined, 2));
  if (faults > 0) process.exitCode = 1;
} finally {
  await fixture.close();
}
