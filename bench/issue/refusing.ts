import { join } from 'node:path';
import { issueCrowd } from '../../src/commands/rush/coupon/issue-crowd.ts';
import { sendAll } from '../../src/commands/rush/send-all.ts';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import type { Entrant } from './entrants.ts';
import { FIRST_USER, type Ground } from './ground.ts';
import { freshPolicy } from './policies.ts';
import { writeTokens } from './tokens.ts';

/** What a load of refusals needs: a policy prepared for it, and whose tokens ask. */
export interface Refusing {
  readonly policyId: string;
  readonly tokens: string;
}

interface Place {
  readonly url: string;
  readonly databaseUrl: string;
  readonly jwtSecret: string;
}

/** Holders who ask again and again. So many that at 40,000/s nobody asks twice within a second, which is limited. */
const HOLDERS = 80_000;
const BUYERS = 100;
const CONNECTIONS = 256;
const FIRST_BUYER = 3_000_000_000_000n;

/** A policy whose few coupons are gone; the askers have none. */
export async function sellOut(entrant: Entrant, ground: Ground, place: Place): Promise<Refusing> {
  const policyId = await freshPolicy(entrant, place, BUYERS);
  await issueTo(place, policyId, FIRST_BUYER, BUYERS);
  return { policyId, tokens: ground.tokens };
}

/** An open policy under which every asker already has a coupon. */
export async function issueToAll(entrant: Entrant, ground: Ground, place: Place): Promise<Refusing> {
  const policyId = await freshPolicy(entrant, place);
  await issueTo(place, policyId, FIRST_USER, HOLDERS);
  const tokens = await writeTokens(join(ground.workDir, 'holders'), ground.jwtSecret, FIRST_USER, HOLDERS);
  return { policyId, tokens };
}

async function issueTo({ url, jwtSecret }: Place, policyId: string, firstUser: bigint, users: number): Promise<void> {
  const target = new URL(url);
  const tokens = accessTokens(jwtSecret, Date.now);
  const crowd = issueCrowd({ url: target, policyId, users, firstUser }, tokens, Date.now());
  const spread = { urls: [target], connections: CONNECTIONS };
  const { outcomes } = await sendAll(crowd, spread);
  const issued = outcomes.filter(({ status }) => status === 201).length;
  if (issued !== users) throw new Error(`${issued} of ${users} coupons issued to prepare refusals`);
}
