import { randomBytes } from 'node:crypto';
import type { CouponService, Policy } from '../../contexts/coupon/api.ts';
import type { IdentityRefusalCode, IdentityService } from '../../contexts/identity/api.ts';
import type { OrderService } from '../../contexts/order/api.ts';
import type { StoreService } from '../../contexts/store/api.ts';
import { PAGE_MAX } from '../../platform/kernel/pages.ts';
import { type Refusal, refusalIn } from '../../platform/kernel/refusal.ts';
import { type DemoPolicy, demoPolicies } from './demo-policies.ts';
import { type SeededProduct, type Seeder, seedProducts } from './seed-products.ts';

const OWNER_EMAIL = 'owner@stampede.local';
/** Users of the shop's own login: they need no account here. */
const FIRST_USER_ID = 1_001n;
/** For the unknown owner's id: the account is older than every demo policy. */
const UNKNOWN_USER_ID = 0n;

const DEMO_STORE = {
  name: 'Demo store',
  category: 'CAFE',
  description: '',
  address: 'Seoul',
  images: [],
  openingHours: [],
};

interface Services {
  readonly coupon: CouponService;
  readonly identity: IdentityService;
  readonly order: OrderService;
  readonly store: StoreService;
}

export interface SeedResult {
  /** Only the response that created the account contains the password. */
  readonly owner: { readonly email: string; readonly password?: string };
  readonly policies: readonly { readonly policy: Policy; readonly added: boolean }[];
  readonly products: readonly SeededProduct[];
}

/**
 * Adds an owner with a store, and the demo policies and products of that store, through the public operations. What exists from an earlier run
 * stays as it is, so it may be repeated, and repeated after it was interrupted.
 * @throws Error when a context refuses what should be acceptable
 */
export async function seed({ coupon, identity, order, store }: Services, nowMs: number): Promise<SeedResult> {
  const demo = demoPolicies(nowMs);
  const codes = new Set(demo.map(({ terms }) => terms.code));
  const present = await policiesByCode(coupon, codes);
  const password = randomBytes(12).toString('base64url');
  const ownerId = await signUpOwner(identity, password);
  const userId = ownerId ?? present.values().next().value?.createdBy ?? UNKNOWN_USER_ID;
  // As an administrator: what an earlier version seeded belongs to no store.
  const seeder = { principal: { userId, role: 'ADMIN' }, storeId: await demoStore(store, userId) };

  const policies: { policy: Policy; added: boolean }[] = [];
  for (const wanted of demo) {
    const there = present.get(wanted.terms.code);
    const policy = there ?? (await addPolicy(coupon, seeder, wanted));
    policies.push({ policy, added: there === undefined });
  }
  const products = await seedProducts(order, seeder, nowMs);
  return { owner: { email: OWNER_EMAIL, ...(ownerId !== undefined && { password }) }, policies, products };
}

async function policiesByCode(coupon: CouponService, codes: ReadonlySet<string>): Promise<Map<string, Policy>> {
  const found = new Map<string, Policy>();
  let cursor = '';
  do {
    const page = await coupon.listPolicies({ page: { limit: PAGE_MAX, cursor } });
    for (const policy of page.policies) {
      const code = policy.terms?.code;
      if (code !== undefined && codes.has(code)) found.set(code, policy);
    }
    cursor = page.nextCursor ?? '';
  } while (cursor !== '' && found.size < codes.size);
  return found;
}

/** Undefined when the account is there already. */
async function signUpOwner(identity: IdentityService, password: string): Promise<bigint | undefined> {
  const person = { email: OWNER_EMAIL, password, name: 'Demo owner', marketingConsent: false };
  const response = await identity.signUp({ ...person, role: 'OWNER', language: 'en' });
  const refusal = refusalIn<IdentityRefusalCode>(response);
  if (refusal?.code === 'EMAIL_TAKEN') return undefined;
  if (response.outcome?.$case !== 'user') throw refusedUnexpectedly('the demo owner', refusal);
  return response.outcome.value.id;
}

/** Undefined when the owner is unknown: then the platform sells. */
async function demoStore(store: StoreService, ownerId: bigint): Promise<bigint | undefined> {
  if (ownerId === UNKNOWN_USER_ID) return undefined;
  const { stores } = await store.listStores({ page: { limit: 1, cursor: '' }, ownerId });
  if (stores[0]) return stores[0].id;
  const principal = { userId: ownerId, role: 'OWNER' };
  const { outcome } = await store.createStore({ principal, ...DEMO_STORE, location: undefined, status: 'OPEN' });
  if (outcome?.$case === 'store') return outcome.value.id;
  throw refusedUnexpectedly('the demo store', outcome?.value);
}

async function addPolicy(
  coupon: CouponService,
  { principal, storeId }: Seeder,
  { terms, issue, transition }: DemoPolicy,
): Promise<Policy> {
  const created = (await coupon.createPolicy({ principal, terms: { ...terms, storeId } })).outcome;
  if (created?.$case !== 'policy') throw refusedUnexpectedly(terms.code, created?.value);
  const policyId = created.value.id;
  for (let i = 0; i < issue; i++) {
    const issued = (await coupon.issueCoupon({ policyId, userId: FIRST_USER_ID + BigInt(i) })).outcome;
    if (issued?.$case !== 'coupon') throw refusedUnexpectedly(terms.code, issued?.value);
  }
  if (transition !== undefined) {
    const changed = (await coupon.changePolicyStatus({ principal, policyId, transition })).outcome;
    if (changed?.$case !== 'policy') throw refusedUnexpectedly(terms.code, changed?.value);
  }
  const now = (await coupon.getPolicy({ policyId })).outcome;
  if (now?.$case !== 'policy') throw refusedUnexpectedly(terms.code, now?.value);
  return now.value;
}

const refusedUnexpectedly = (what: string, refusal: Refusal | undefined): Error =>
  new Error(`${what} was refused: ${JSON.stringify(refusal)}`);
