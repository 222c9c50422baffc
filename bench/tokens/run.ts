// npm run bench:tokens: issuing with tokens of another issuer, and a rush of users who were never seen. See bench/README.md.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareFixture } from '../issue/fixture.ts';
import { createPolicies, readStored } from '../issue/policies.ts';
import { type Child, closeOnSignal, startChild, urlLine } from '../support/child.ts';
import { describeMachine } from '../support/machine.ts';
import { ratioOf, type Spread } from '../support/statistics.ts';
import { startSystem } from '../support/system.ts';
import { BENCH_ALGORITHMS, type BenchAlgorithm, startIssuer } from './issuer.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '8' },
    connections: { type: 'string', default: '256' },
    users: { type: 'string', default: '100000' },
    out: { type: 'string', default: 'docs/bench' },
  },
});
const [rounds, seconds, connections, users] = [values.rounds, values.seconds, values.connections, values.users].map(
  Number,
) as [number, number, number, number];
const GOAL_NEW_USERS = 0.6;
/** Before each figure, with other users: a server that has just started is not compiled yet. */
const WARM_SECONDS = 6;
const WARM_USERS = 40_000;

const fixture = await prepareFixture(1, 1);
const issuer = await startIssuer();
closeOnSignal(() => fixture.close());
const { workDir, jwtSecret, load } = fixture;
/** Issued, or checked, in a second of each round. */
const figures = { ES256: [], RS256: [], bareES256: [], bareRS256: [], newUsers: [], knownUsers: [] } as Record<
  string,
  number[]
>;
const faults: string[] = [];

async function warmUp(target: Child, policyId: string, algorithm: BenchAlgorithm): Promise<void> {
  const tokens = await issuer.writeTokens(join(workDir, 'warm'), algorithm, WARM_USERS);
  const policyIds = [policyId];
  await load.send({ url: target.url, policyIds, tokens, repeats: true, connections, seconds: WARM_SECONDS });
}

async function send(name: string, target: Child, policyId: string, tokens: string, repeats = false): Promise<void> {
  const sent = await load.send({
    url: target.url,
    policyIds: [policyId],
    tokens,
    repeats,
    connections,
    seconds,
  });
  if (sent.refused + sent.broken > 0) faults.push(`${name}: ${sent.refused} refused, ${sent.broken} broken`);
  figures[name]?.push(sent.requests / sent.seconds);
  console.log(
    `${name.padEnd(12)} ${Math.round(sent.requests / sent.seconds)} a second, p99 ${sent.p99Ms.toFixed(1)} ms`,
  );
}

async function measure(algorithm: BenchAlgorithm, round: number): Promise<void> {
  const tokens = await issuer.writeTokens(join(workDir, `${algorithm}-${round}`), algorithm, users);
  const bare = await startChild(
    [process.execPath, join(import.meta.dirname, 'baselines/bare-server.ts')],
    { BENCH_ISSUER: issuer.url },
    urlLine,
  );
  await warmUp(bare, '1', algorithm);
  // It remembers no token, so it may get one again.
  await send(`bare${algorithm}`, bare, '1', tokens, true);
  await bare.stop();
  const databaseUrl = await fixture.createDatabase(`${algorithm.toLowerCase()}_${round}`);
  const env = { JWT_ISSUERS: issuer.settings };
  const system = await startSystem({ workDir, jwtSecret, databaseUrl, env });
  const [first = '', second = '', warm = ''] = await createPolicies(system.url, jwtSecret, databaseUrl, 3);
  await warmUp(system, warm, algorithm);
  // No user of these tokens was ever seen.
  await send('newUsers', system, first, tokens);
  // All of them were, except for the last ones.
  await send('knownUsers', system, second, tokens);
  figures[algorithm]?.push(figures['knownUsers']?.at(-1) ?? 0);
  for (const policyId of [first, second]) {
    const { isExact } = await readStored(databaseUrl, 'coupon', [policyId], { counts: true });
    if (!isExact) faults.push(`${algorithm}: the coupons of a policy are not exact`);
  }
  await system.stop();
}

const shown = (spread: Spread | undefined): string =>
  spread === undefined
    ? 'not measured'
    : `${spread.median.toFixed(2)} (${spread.min.toFixed(2)} to ${spread.max.toFixed(2)})`;

try {
  const machine = await describeMachine(await fixture.createDatabase('about'), load.name, undefined);
  for (let round = 1; round <= rounds; round++)
    for (const algorithm of BENCH_ALGORITHMS) await measure(algorithm, round);
  const ratios = {
    ES256: ratioOf(figures['ES256'], figures['bareES256']),
    RS256: ratioOf(figures['RS256'], figures['bareRS256']),
    newUsers: ratioOf(figures['newUsers'], figures['knownUsers']),
  };
  console.log(`issuing with ES256 tokens, of the same check in bare Fastify: ${shown(ratios.ES256)}`);
  console.log(`issuing with RS256 tokens, of the same check in bare Fastify: ${shown(ratios.RS256)}`);
  console.log(`users who were never seen, of known ones: ${shown(ratios.newUsers)}; the goal is ${GOAL_NEW_USERS}`);
  if (faults.length > 0) console.log(faults.join('\n'));
  await mkdir(values.out, { recursive: true });
  const results = {
    ranAt: new Date().toISOString(),
    machine,
    rounds,
    seconds,
    connections,
    users,
    figures,
    ratios,
    faults,
  };
  await writeFile(join(values.out, 'tokens.json'), `${JSON.stringify(results)}\n`);
  if (faults.length > 0) process.exitCode = 1;
} finally {
  issuer.stop();
  await fixture.close();
}
