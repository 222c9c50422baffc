import { join } from 'node:path';
import { issueProfile } from '../../src/commands/rush/coupon/issue-profile.ts';
import { sendAll } from '../../src/commands/rush/send-all.ts';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import type { Candidate } from './candidates.ts';
import { FIRST_USER, type Fixture } from './fixture.ts';
import { freshPolicy } from './policies.ts';
import { writeTokens } from './tokens.ts';

/** The preparation of a load of refusals: a policy, and the tokens of the users who send requests. */
export interface Refusing {
  readonly policyId: string;
  readonly tokens: string;
}

interface Place {
  readonly url: string;
  readonly databaseUrl: string;
  readonly jwtSecret: string;
}

/** Holders who send repeated requests. Enough that at 40,000/s no user sends two within a second, which is limited. */
const HOLDERS = 80_000;
const BUYERS = 100;
const CONNECTIONS = 256;
const FIRST_BUYER = 3_000_000_000_000n;

/** A policy whose few coupons are gone; the askers have none. */
export async function sellOut(candidate: Candidate, fixture: Fixture, place: Place): Promise<Refusing> {
  const policyId = await freshPolicy(candidate, place, BUYERS);
  await issueTo(place, policyId, FIRST_BUYER, BUYERS);
  return { policyId, tokens: fixture.tokens };
}

/** An open policy under which every asker already has a coupon. */
export async function issueToAll(candidate: Candidate, fixture: Fixture, place: Place): Promise<Refusing> {
  const policyId = await freshPolicy(candidate, place);
  await issueTo(place, policyId, FIRST_USER, HOLDERS);
  const tokens = await writeTokens(join(fixture.workDir, 'holders'), fixture.jwtSecret, FIRST_USER, HOLDERS);
  return { policyId, tokens };
}

async function issueTo({ url, jwtSecret }: Place, policyId: string, firstUser: bigint, users: number): Promise<void> {
  const target = new URL(url);
  const tokens = accessTokens(jwtSecret, Date.now);
  const profile = issueProfile({ url: target, policyId, users, firstUser }, tokens, Date.now());
  const spread = { urls: [target], connections: CONNECTIONS };
  const { outcomes } = await sendAll(profile, spread);
  const issued = outcomes.filter(({ status }) => status === 201).length;
  if (issued !== users) throw new Error(`${issued} of ${users} coupons issued to prepare refusals`);
}
