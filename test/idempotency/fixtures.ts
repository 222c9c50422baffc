import type pg from 'pg';
import { addressDigest, postgresMailStore } from '../../src/contexts/notification/adapters/postgres/mail-store.ts';
import { HOUR_MS } from '../../src/platform/kernel/durations.ts';
import { type Shop, shopOn } from '../attacks/shop.ts';
import { openPolicy, policyBody, type Stage, storeOf } from '../attacks/support.ts';
import { picture } from '../support/images.ts';
import { keepMails, userWithLink, verifyNow } from '../support/mail.ts';
import { browserKeys } from '../support/push.ts';
import { sendImage } from '../support/send-image.ts';

/** A request whose effects can be counted. */
export interface KeyedAttempt {
  readonly path: string;
  readonly token?: string;
  readonly json?: unknown;
  readonly csv?: string;
  /** Sent as the part `image` of a multipart body. */
  readonly image?: Buffer;
  /** How many times it has had its effect. */
  effects(): Promise<number>;
  /** Of success, where the document has several. */
  readonly status?: number;
  /** Of the request, from the question mark on. */
  readonly query?: string;
  /** Members of the response that describe this request, so that a replay may differ in them. */
  readonly varying?: readonly string[];
}

/** Prepares a request of its own for one route of the document. */
type Fixture = (world: FixtureWorld) => Promise<Omit<KeyedAttempt, 'path'> & { readonly ids?: Ids }>;
type Ids = Readonly<Record<string, string>>;

interface FixtureWorld {
  readonly on: Stage;
  readonly shop: Shop;
  /** Unique: for names, codes and reservations. */
  readonly label: string;
  readonly owner: pg.Pool;
  count(sql: string, ...values: readonly unknown[]): Promise<number>;
}

const ADMIN = '1';

/** The routes that are aliases, by the operation that they stand for. */
const operationOf = (id: string): string =>
  id
    .replace(/ \/api\/(coupons|coupon-policies)/, ' /api/v1/$1')
    .replace(/^POST \/api\/v1\/admin\/coupon-policies$/, 'POST /api/v1/coupon-policies');

let made = 0;
/** One for each stage, so that no user and no key comes twice. */
const shops = new WeakMap<Stage, Shop>();

/** Whether `attemptOf` prepares requests of this operation. */
export const hasFixture = (id: string): boolean => FIXTURES[operationOf(id)] !== undefined;

/** @param id method and path as the document has them. Throws when the operation has no fixture here. */
export async function attemptOf(id: string, on: Stage, owner: pg.Pool): Promise<KeyedAttempt> {
  const fixture = FIXTURES[operationOf(id)];
  if (!fixture) throw new Error(`${id} takes an Idempotency-Key and has no fixture: add one`);
  const count = async (sql: string, ...values: readonly unknown[]) =>
    Number((await owner.query(sql, [...values])).rows[0]?.n ?? 0);
  const shop = shops.get(on) ?? shopOn(on);
  shops.set(on, shop);
  const { ids = {}, ...attempt } = await fixture({ on, shop, owner, label: `TRY-${process.pid}-${++made}`, count });
  const path = id.slice(id.indexOf(' ') + 1).replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? `{${name}}`);
  return { ...attempt, path: path + (attempt.query ?? '') };
}

let webhooks = 0;

/** A webhook with a secret that was not encrypted here, so nothing is sent to it. */
async function webhook(owner: pg.Pool): Promise<string> {
  const id = String(BigInt(Date.now()) * 1_000n + BigInt(++webhooks));
  await owner.query(
    `insert into webhook.endpoints (id, url, topics, description, enabled, secret, created_at, updated_at)
     values ($1, 'https://receiver.invalid/', '{timesale.ended}', '', true, 'secret', now(), now())`,
    [id],
  );
  return id;
}

const announcement = (title: string) => ({
  class: 'TRANSACTIONAL',
  ko: { title, body: '내용' },
  en: { title, body: 'text' },
});

const endpointOf = (label: string): string => `https://fcm.googleapis.com/fcm/send/${label}`;

const admin = (on: Stage): string => on.token(ADMIN, 'ADMIN');
const changed = (change: RecordedChange): Fixture => changedFrom(change, async () => {});

/** A change of a policy as its record shows it. No reason: any. */
interface RecordedChange {
  readonly kind: 'TERMS' | 'STATUS' | 'QUANTITY';
  readonly reason?: string;
}

/** A change of a store. Its version shows how often it happened. */
function changedStore(json?: unknown, prepare: (on: Stage, id: string) => Promise<void> = async () => {}): Fixture {
  return async ({ on, count }) => {
    const id = await storeOf(on, '7001');
    await prepare(on, id);
    const version = () => count('select version n from store.stores where id = $1', id);
    const before = await version();
    return { token: admin(on), json, ids: { id, userId: '77' }, effects: async () => (await version()) - before };
  };
}

/** A user who follows a store or a policy, or follows it no more. Rows show whether that happened. */
function changedSubscription(kind: 'stores' | 'coupon-policies', isFollowing: boolean): Fixture {
  return async ({ on, shop, count }) => {
    const token = on.token(shop.newUser());
    const later = new Date(on.now() + HOUR_MS).toISOString();
    const id = kind === 'stores' ? await storeOf(on, '7001') : await policyFrom(on, later);
    if (!isFollowing) await on.call('PUT', `/api/v1/${kind}/${id}/subscription`, { token });
    const rows = 'select count(*) n from store.subscriptions where target_id = $1';
    const before = await count(rows, id);
    return { token, ids: { id }, effects: async () => Math.abs((await count(rows, id)) - before) };
  };
}

/** A user with two unread notices changes the inbox, or one of them. `effects`: SQL, with the user as $1. */
function changedInbox(effects: string, json?: unknown): Fixture {
  return async ({ on, shop, owner, count }) => {
    const user = shop.newUser();
    await owner.query('insert into notification.inboxes (user_id, last_number, unread) values ($1, 2, 2)', [user]);
    const id = String(BigInt(user) * 2n);
    await owner.query(
      `insert into notification.notices (user_id, number, id, kind, subject, day, data, created_at)
       select $1, n, $2::bigint + n - 1, 'ORDER_PAID', n::text, '2026-01-01', '{}', now() from generate_series(1, 2) as n`,
      [user, id],
    );
    return {
      token: on.token(user),
      ...(json === undefined ? {} : { json }),
      ids: { id },
      effects: () => count(effects, user),
    };
  };
}

async function policyFrom(on: Stage, validFrom: string): Promise<string> {
  const json = policyBody({ validFrom }, on.now());
  return (await on.call('POST', '/api/v1/coupon-policies', { token: admin(on), json })).body.couponPolicyId;
}

/** An image of a profile that was not there before, or that is not there any more. Names of files show how often it happened. */
function changedProfileImage(hasImage: boolean): Fixture {
  return async ({ on, owner, label, count }) => {
    const json = { email: `${label.toLowerCase()}@example.com`, password: 'correct horse battery', name: 'Ada' };
    await on.call('POST', '/api/v1/auth/signup', { json });
    const userId = await verifyNow(owner, json.email);
    const token = on.token(userId);
    const image = await picture();
    await sendImage(on.url, 'PUT', '/api/v1/auth/profile/image', image, { token });
    const file = async (): Promise<number> =>
      await count('select split_part(profile_image_file, $2, 1) n from identity.users where id = $1', userId, '-');
    const before = await file();
    // A second effect would replace the image again, and remove the file that the response names.
    const effects = async () => {
      const now = await file();
      if (!hasImage) return now === 0 ? 1 : 0;
      const { body } = await on.call('GET', '/api/v1/auth/profile', { token });
      const { status } = await fetch(on.url + body.profileImageUrl);
      return now !== before && status === 200 ? 1 : 0;
    };
    return { token, ...(hasImage ? { image } : {}), effects };
  };
}

/** An image of a store that gets another one, or loses the one that it has. */
function changedStoreImages(isUpload: boolean): Fixture {
  return async (world) => {
    let imageId = '';
    const prepare = async (on: Stage, id: string): Promise<void> => {
      const path = `/api/v1/stores/${id}/images`;
      const { body } = await sendImage(on.url, 'POST', path, await picture(), { token: admin(on) });
      imageId = body.uploadedImages[0].imageId;
    };
    const { ids, ...attempt } = await changedStore(undefined, prepare)(world);
    return { ...attempt, ...(isUpload ? { image: await picture() } : {}), ids: { ...ids, imageId } };
  };
}

/** A change of a policy by hand. Its records show how often it happened. */
function changedFrom(
  { kind, reason = '' }: RecordedChange,
  prepare: (world: FixtureWorld, policyId: string) => Promise<void>,
  json: (label: string) => unknown = () => ({}),
): Fixture {
  return async (world) => {
    const { on, count, label } = world;
    const id = await openPolicy(on, { name: label });
    await prepare(world, id);
    const sql = `select count(*) n from coupon.coupon_policy_changes where policy_id = $1 and kind = $2
      and ($3 = '' or reason = $3)`;
    return { token: admin(on), json: json(label), ids: { id }, effects: () => count(sql, id, kind, reason) };
  };
}

const pause = async ({ on }: FixtureWorld, id: string): Promise<void> => {
  await on.call('POST', `/api/v1/admin/coupon-policies/${id}/pause`, { token: admin(on), json: {} });
};

const suspend = async ({ on }: FixtureWorld, id: string): Promise<void> => {
  await on.call('POST', `/api/v1/admin/coupon-policies/${id}/suspend`, { token: admin(on), json: { reason: 'wrong' } });
};

const termsOf = (name: string) => ({
  name,
  discountType: 'FIXED_AMOUNT',
  discountValue: 3000,
  distributionType: 'FIRST_COME',
  maxIssueCount: 100,
  validDays: 30,
  validFrom: '2026-01-01T00:00:00Z',
  validUntil: '2099-01-01T00:00:00Z',
});

/** A mail to an address. Its requests show how often it was asked for. */
const mailRequested =
  (kind: string): Fixture =>
  async ({ owner, label, count }) => {
    await keepMails(owner);
    const email = `${label.toLowerCase()}@example.com`;
    const effects = () => count('select count(*) n from public.mails_ever where email = $1 and kind = $2', email, kind);
    return { json: { email }, effects };
  };

const ISSUED = 'select count(*) n from coupon.coupon_issues where policy_id = $1 and user_id = $2';
const STEPS = 'select count(*) n from coupon.coupon_history where coupon_id = $1 and kind = $2';
// An upload that was not submitted never runs.
const JOBS = `select count(*) n from coupon.coupon_jobs where policy_id = $1 and status <> 'OPEN'`;

const issue =
  (policyIn: 'path' | 'body'): Fixture =>
  async ({ on, shop, count }) => {
    // The third one would be an effect of its own.
    const policyId = await openPolicy(on, { maxIssuePerUser: 3 });
    const user = shop.newUser();
    const json = policyIn === 'path' ? {} : { policyId };
    return { token: on.token(user), json, ids: { policyId }, effects: () => count(ISSUED, policyId, user) };
  };

const reserve: Fixture = async ({ on, shop, label, count }) => {
  const user = shop.newUser();
  const couponId = await shop.coupon(user);
  const json = { reservationId: label, couponId, orderAmount: 30_000, orderId: label };
  return { token: on.token(user), json, effects: () => count(STEPS, couponId, 'RESERVED') };
};

/** What becomes of a reserved coupon. */
const reserved =
  (step: string, role: 'owner' | 'admin'): Fixture =>
  async ({ on, shop, label, count }) => {
    const user = shop.newUser();
    const couponId = await shop.coupon(user);
    const token = role === 'admin' ? admin(on) : on.token(user);
    // Reserved by whom it is ended: reservations of machines and administrators are apart from those of customers.
    const json = { reservationId: label, userId: user, couponId, orderAmount: 30_000, orderId: label };
    await shop.post(user, 'coupons/reserve', json, { token });
    const ids = { reservationId: label };
    // DELETE takes no body.
    const body = step === 'RELEASED' ? {} : { json: {} };
    return { token, ...body, ids, effects: () => count(STEPS, couponId, step) };
  };

const codePolicy = (on: Stage, code?: string) =>
  openPolicy(on, { distributionType: 'CODE', maxIssuePerUser: 3, ...(code === undefined ? {} : { code }) });

const upload =
  (distributionType: 'CODE' | 'DIRECT', csv: (label: string) => string): Fixture =>
  async ({ on, label, count }) => {
    const id = await openPolicy(on, { distributionType });
    return { token: admin(on), csv: csv(label), ids: { id }, effects: () => count(JOBS, id) };
  };

const moved =
  (type: string, role: 'user' | 'admin', json: (user: string) => unknown): Fixture =>
  async ({ on, shop, count }) => {
    const user = shop.newUser();
    await shop.charge(user, 50_000);
    const token = role === 'admin' ? admin(on) : on.token(user);
    const sql = 'select count(*) n from point.transactions where user_id = $1 and type = $2';
    return { token, json: json(user), effects: () => count(sql, user, type) };
  };

const ORDERS_OF = 'select count(*) n from orders.orders where user_id = $1';

const FIXTURES: Readonly<Record<string, Fixture>> = {
  'POST /api/v1/coupon-policies': async ({ on, label, count }) => ({
    token: admin(on),
    json: termsOf(label),
    effects: () => count('select count(*) n from coupon.coupon_policies where name = $1', label),
  }),
  'PUT /api/v1/admin/coupon-policies/{id}': changedFrom(
    { kind: 'TERMS' },
    async () => {},
    (label) => ({ ...termsOf(`${label} changed`), version: 1 }),
  ),
  'POST /api/v1/admin/coupon-policies/{id}/activate': changedFrom({ kind: 'STATUS', reason: 'ACTIVATE' }, pause),
  'POST /api/v1/admin/coupon-policies/{id}/pause': changed({ kind: 'STATUS', reason: 'PAUSE' }),
  'POST /api/v1/admin/coupon-policies/{id}/end': changed({ kind: 'STATUS', reason: 'END' }),
  'POST /api/v1/admin/coupon-policies/{id}/suspend': changedFrom(
    { kind: 'STATUS', reason: 'SUSPEND wrong' },
    async () => {},
    () => ({ reason: 'wrong' }),
  ),
  'POST /api/v1/admin/coupon-policies/{id}/resume': changedFrom({ kind: 'STATUS', reason: 'RESUME' }, suspend),
  'POST /api/v1/admin/coupon-policies/{id}/withdraw': async ({ on, label, count }) => {
    const id = await openPolicy(on, { name: label });
    return { token: admin(on), json: { reason: 'wrong' }, ids: { id }, effects: () => count(JOBS, id) };
  },
  'POST /api/v1/admin/coupon-policies/{id}/clone': async ({ on, label, count }) => {
    const id = await openPolicy(on);
    const effects = () => count('select count(*) n from coupon.coupon_policies where name = $1', label);
    return { token: admin(on), json: { name: label }, ids: { id }, effects };
  },
  'PATCH /api/v1/coupon-policies/{id}/remaining-quantity': changedFrom(
    { kind: 'QUANTITY' },
    async () => {},
    () => ({ newMaxIssueCount: 120, modifiedBy: 'jane', reason: 'more' }),
  ),
  'POST /api/v1/coupon-policies/{id}/codes': async ({ on, count }) => {
    const id = await codePolicy(on);
    return { token: admin(on), json: { count: 5 }, ids: { id }, effects: () => count(JOBS, id) };
  },
  'POST /api/v1/coupon-policies/{id}/codes.csv': upload('CODE', (label) => `code\r\n${label}-A\r\n${label}-B\r\n`),
  'POST /api/v1/coupon-policies/{id}/direct-issue.csv': upload('DIRECT', () => 'userId\r\n42\r\n43\r\n'),
  'POST /api/v1/coupons/direct-issue': async ({ on, shop, count }) => {
    const couponPolicyId = await openPolicy(on, { distributionType: 'DIRECT', maxIssuePerUser: 3 });
    const user = shop.newUser();
    // Twice the same user: two coupons of one list are no repeat.
    const json = { couponPolicyId, userIds: [user, user], issuedBy: 'jane' };
    return { token: admin(on), json, effects: async () => (await count(ISSUED, couponPolicyId, user)) / 2 };
  },
  'POST /api/v1/coupons/policies/{policyId}/issue': issue('path'),
  'POST /api/v1/coupons/issue': issue('body'),
  'POST /api/v1/coupons/download': async ({ on, shop, label, count }) => {
    const policyId = await codePolicy(on, label);
    const user = shop.newUser();
    return { token: on.token(user), json: { couponCode: label }, effects: () => count(ISSUED, policyId, user) };
  },
  'POST /api/v1/coupons/reserve': reserve,
  'POST /api/v1/coupons/apply': reserve,
  'DELETE /api/v1/coupons/apply/{reservationId}': reserved('RELEASED', 'owner'),
  'POST /api/v1/coupons/reservations/{reservationId}/confirm': reserved('USED', 'admin'),
  'POST /api/v1/coupons/reservations/{reservationId}/extend': reserved('EXTENDED', 'admin'),
  'POST /api/v1/coupons/{couponId}/use': async ({ on, shop, count }) => {
    const user = shop.newUser();
    const couponId = await shop.coupon(user);
    return { token: on.token(user), json: {}, ids: { couponId }, effects: () => count(STEPS, couponId, 'USED') };
  },
  'POST /api/v1/coupons/redeem': async ({ on, shop, count }) => {
    const user = shop.newUser();
    const couponId = await shop.coupon(user);
    const shown = await on.call('GET', `/api/v1/coupons/${couponId}/redemption-code`, { token: on.token(user) });
    const json = { redemptionCode: shown.body.code };
    return { token: admin(on), json, effects: () => count(STEPS, couponId, 'USED') };
  },
  'POST /api/v1/coupons/{couponId}/cancel': async ({ on, shop, count }) => {
    const couponId = await shop.coupon(shop.newUser());
    const json = { reason: 'by mistake', returnStock: true };
    return { token: admin(on), json, ids: { couponId }, effects: () => count(STEPS, couponId, 'CANCELLED') };
  },
  'POST /api/v1/coupons/{couponId}/restore': async ({ on, shop, label, count }) => {
    const user = shop.newUser();
    const couponId = await shop.coupon(user, { restoreOnRefund: true });
    await shop.post(user, `coupons/${couponId}/use`, { orderId: label });
    const json = { orderId: label };
    return { token: admin(on), json, ids: { couponId }, effects: () => count(STEPS, couponId, 'RESTORED') };
  },
  'POST /api/v1/stores': async ({ on, label, count }) => ({
    token: admin(on),
    json: { name: label, category: 'CAFE' },
    effects: () => count('select count(*) n from store.stores where name = $1', label),
  }),
  'PATCH /api/v1/stores/{id}': changedStore({ status: 'CLOSED' }),
  'DELETE /api/v1/stores/{id}': changedStore(),
  'PUT /api/v1/stores/{id}/staff/{userId}': changedStore(),
  'POST /api/v1/stores/{id}/images': changedStoreImages(true),
  'DELETE /api/v1/stores/{id}/images/{imageId}': changedStoreImages(false),
  'DELETE /api/v1/stores/{id}/staff/{userId}': changedStore(undefined, async (on, id) => {
    await on.call('PUT', `/api/v1/stores/${id}/staff/77`, { token: admin(on) });
  }),
  'POST /api/v1/notification-jobs': async ({ on, label, count }) => ({
    token: admin(on),
    json: { audience: { type: 'USERS' }, ...announcement(label) },
    effects: () => count(`select count(*) n from notification.jobs where data->>'titleEn' = $1`, label),
  }),
  'DELETE /api/v1/notification-jobs/{id}': async ({ on, label, count }) => {
    const json = { audience: { type: 'USERS' }, ...announcement(label) };
    const { body } = await on.call('POST', '/api/v1/notification-jobs', { token: admin(on), json });
    const cancelled = `select count(*) n from notification.jobs where id = $1 and status = 'CANCELLED'`;
    return { token: admin(on), ids: { id: body.jobId }, effects: () => count(cancelled, body.jobId) };
  },
  'POST /api/v1/notification-jobs/test': async ({ on, label, count }) => ({
    token: admin(on),
    json: announcement(label),
    effects: () => count(`select count(*) n from notification.notices where data->>'titleEn' = $1`, label),
  }),
  'POST /api/v1/notification-jobs/{id}/users.csv': async ({ on, shop, label, count }) => {
    const json = { audience: { type: 'USERS' }, ...announcement(label) };
    const { body } = await on.call('POST', '/api/v1/notification-jobs', { token: admin(on), json });
    const csv = `${shop.newUser()}\n${shop.newUser()}`;
    const submitted = `select count(*) n from notification.jobs where id = $1 and status <> 'OPEN' and total = 2`;
    const effects = () => count(submitted, body.jobId);
    return { token: admin(on), csv, ids: { id: body.jobId }, varying: ['status', 'done', 'written'], effects };
  },
  'PUT /api/v1/stores/{id}/subscription': changedSubscription('stores', true),
  'DELETE /api/v1/stores/{id}/subscription': changedSubscription('stores', false),
  'PUT /api/v1/coupon-policies/{id}/subscription': changedSubscription('coupon-policies', true),
  'DELETE /api/v1/coupon-policies/{id}/subscription': changedSubscription('coupon-policies', false),
  'POST /api/v1/notifications/{id}/read': changedInbox(
    'select 2 - unread n from notification.inboxes where user_id = $1',
    {},
  ),
  'POST /api/v1/notifications/read-all': changedInbox(
    'select count(*) n from notification.inboxes where user_id = $1 and read_up_to = 2',
    {},
  ),
  'DELETE /api/v1/notifications/{id}': changedInbox(
    'select 2 - count(*) n from notification.notices where user_id = $1',
  ),
  'PUT /api/v1/notifications/preferences': changedInbox(
    'select count(*) n from notification.settings where user_id = $1',
    { language: 'ko' },
  ),
  'PUT /api/v1/notifications/push-subscriptions': async ({ on, shop, label, count }) => {
    const endpoint = endpointOf(label);
    const effects = () => count('select count(*) n from notification.push_subscriptions where endpoint = $1', endpoint);
    return { token: on.token(shop.newUser()), json: { endpoint, keys: browserKeys() }, effects };
  },
  'DELETE /api/v1/notifications/push-subscriptions': async ({ on, shop, owner, label, count }) => {
    const [user, endpoint] = [shop.newUser(), endpointOf(label)];
    await owner.query(
      'insert into notification.push_subscriptions (endpoint, user_id, p256dh, auth, created_at) values ($1, $2, $3, $4, now())',
      [endpoint, user, browserKeys().p256dh, browserKeys().auth],
    );
    const effects = () =>
      count('select 1 - count(*) n from notification.push_subscriptions where endpoint = $1', endpoint);
    return { token: on.token(user), query: `?endpoint=${encodeURIComponent(endpoint)}`, effects };
  },
  'POST /api/v1/notifications/suppressions/lift': async ({ on, owner, label, count }) => {
    const email = `${label.toLowerCase()}@example.com`;
    const digest = addressDigest(email);
    await postgresMailStore(owner).suppress({ digest, reason: 'HARD_BOUNCE', createdAt: new Date() });
    const effects = () => count('select 1 - count(*) n from notification.suppressions where digest = $1', digest);
    return { token: admin(on), json: { email }, effects };
  },
  'POST /api/v1/webhooks': async ({ on, owner, label, count }) => {
    // Earlier ones make room: their number has a bound.
    await owner.query(
      'delete from webhook.endpoints where id in (select id from webhook.endpoints order by id desc offset 50)',
    );
    const json = { url: 'https://receiver.invalid/', topics: ['timesale.ended'], description: label, enabled: false };
    const effects = () => count('select count(*) n from webhook.endpoints where description = $1', label);
    return { token: admin(on), json, varying: ['secret'], effects };
  },
  'PATCH /api/v1/webhooks/{id}': async ({ on, owner, label, count }) => {
    const id = await webhook(owner);
    const effects = () =>
      count('select count(*) n from webhook.endpoints where id = $1 and description = $2', id, label);
    return { token: admin(on), json: { description: label }, ids: { id }, effects };
  },
  'DELETE /api/v1/webhooks/{id}': async ({ on, owner, count }) => {
    const id = await webhook(owner);
    const effects = () => count('select 1 - count(*) n from webhook.endpoints where id = $1', id);
    return { token: admin(on), ids: { id }, effects };
  },
  'POST /api/v1/webhooks/{id}/rotate-secret': async ({ on, owner, count }) => {
    const id = await webhook(owner);
    // A second rotation would replace it again.
    const rotated = `select count(*) n from webhook.endpoints where id = $1 and previous_secret = 'secret'`;
    return { token: admin(on), json: {}, ids: { id }, varying: ['secret'], effects: () => count(rotated, id) };
  },
  'POST /api/v1/webhooks/{id}/test': async ({ on, owner, count }) => {
    const id = await webhook(owner);
    const effects = () => count('select count(*) n from webhook.deliveries where endpoint_id = $1', id);
    return { token: admin(on), ids: { id }, effects };
  },
  'POST /api/v1/webhooks/{id}/deliveries/{deliveryId}/replay': async ({ on, owner, count }) => {
    const id = await webhook(owner);
    const { rows } = await owner.query<{ id: string }>(
      `insert into webhook.deliveries (endpoint_id, event_id, topic, subject, body, status, due_at, created_at, finished_at)
       values ($1, 'e', 'timesale.ended', 's', '{}', 'DELIVERED', now(), now(), now()) returning id`,
      [id],
    );
    const deliveryId = String(rows[0]?.id);
    const replayed = `select count(*) n from webhook.deliveries where endpoint_id = $1 and status = 'PENDING'`;
    return { token: admin(on), ids: { id, deliveryId }, effects: () => count(replayed, id) };
  },
  'POST /api/v1/products': async ({ on, label, count }) => ({
    token: admin(on),
    json: { name: label, description: 'Made in Icheon', price: 29_900, stock: 10 },
    effects: () => count('select count(*) n from orders.products where name = $1', label),
  }),
  'PATCH /api/v1/products/{id}': async ({ on, shop, count }) => {
    const id = await shop.product();
    const effects = () => count('select version - 1 n from orders.products where id = $1', id);
    return { token: admin(on), json: { version: 1, addStock: 5 }, ids: { id }, effects };
  },
  'POST /api/v1/time-sales': async ({ on, shop, count }) => {
    const productId = await shop.product();
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    const json = { productId, salePrice: 9_900, quantity: 10, startsAt: at(HOUR_MS), endsAt: at(2 * HOUR_MS) };
    const effects = () => count('select count(*) n from orders.time_sales where product_id = $1', productId);
    return { token: admin(on), json, effects };
  },
  'PATCH /api/v1/time-sales/{id}': async ({ on, shop, count }) => {
    const id = await shop.timeSale(await shop.product(), { quantity: 10 });
    const effects = () => count('select quantity - 10 n from orders.time_sales where id = $1', id);
    return { token: admin(on), json: { quantity: 11 }, ids: { id }, effects };
  },
  'POST /api/v1/time-sales/{id}/stop': async ({ on, shop, count }) => {
    const id = await shop.timeSale(await shop.product());
    const sql = `select count(*) n from orders.time_sales where id = $1 and announced = 'ENDED'`;
    return { token: admin(on), json: {}, ids: { id }, effects: () => count(sql, id) };
  },
  'POST /api/v1/orders': async ({ on, shop, count }) => {
    const user = shop.newUser();
    const json = { items: [{ productId: await shop.product(), quantity: 1 }] };
    return { token: on.token(user), json, effects: () => count(ORDERS_OF, user) };
  },
  'POST /api/v1/time-sales/{timeSaleId}/orders': async ({ on, shop, count }) => {
    const user = shop.newUser();
    const timeSaleId = await shop.timeSale(await shop.product());
    return { token: on.token(user), json: { quantity: 1 }, ids: { timeSaleId }, effects: () => count(ORDERS_OF, user) };
  },
  'POST /api/v1/payments': async ({ on, shop, count }) => {
    const user = shop.newUser();
    await shop.charge(user, 50_000);
    const { orderId } = await shop.placed(user);
    const effects = () => count('select count(*) n from orders.payments where order_id = $1', orderId);
    return { token: on.token(user), json: { orderId, method: 'POINTS' }, effects };
  },
  'POST /api/v1/orders/{orderId}/cancel': async ({ on, shop, count }) => {
    const user = shop.newUser();
    const { orderId } = await shop.placed(user);
    const sql = `select count(*) n from orders.orders where id = $1 and status = 'CANCELLED'`;
    return { token: on.token(user), json: {}, ids: { orderId }, effects: () => count(sql, orderId) };
  },
  'POST /api/v1/orders/{orderId}/refund': async ({ on, shop, count }) => {
    const user = shop.newUser();
    await shop.charge(user, 50_000);
    const { orderId } = await shop.placed(user);
    await shop.pay(user, orderId);
    const json = { items: [{ line: 1, quantity: 1 }], reason: 'Arrived broken' };
    const effects = () => count('select count(*) n from orders.refunds where order_id = $1', orderId);
    return { token: admin(on), json, ids: { orderId }, effects };
  },
  // Of a customer, who pays for it: the charge is the effect.
  'POST /api/v1/points/charge': async ({ on, shop, count }) => {
    const user = shop.newUser();
    const effects = () => count('select count(*) n from point.charges where user_id = $1', user);
    return { token: on.token(user), json: { amount: 700 }, effects };
  },
  'POST /api/v1/points/use': moved('USE', 'user', () => ({ amount: 300 })),
  'POST /api/v1/points/earn': moved('EARN', 'admin', (userId) => ({ userId, amount: 500, reason: 'A review' })),
  'POST /api/v1/points/cancel': async ({ on, shop, count }) => {
    const user = shop.newUser();
    const charged = await shop.post('1', 'points/charge', { userId: user, amount: 900 }, { token: admin(on) });
    const { transactionId } = charged.body;
    const effects = () => count('select count(*) n from point.transactions where source_id = $1', transactionId);
    return { token: on.token(user), json: { transactionId, reason: 'twice' }, effects };
  },
  'POST /api/v1/auth/signup': async ({ label, count }) => ({
    json: {
      email: `${label.toLowerCase()}@example.com`,
      password: 'correct horse battery',
      name: 'Ada',
      role: 'CUSTOMER',
    },
    effects: () =>
      count('select count(*) n from identity.users where email = $1', `${label.toLowerCase()}@example.com`),
    // Where mail is configured.
    status: 202,
  }),
  'PUT /api/v1/auth/profile/image': changedProfileImage(true),
  'DELETE /api/v1/auth/profile/image': changedProfileImage(false),
  'POST /api/v1/auth/verify-email/request': mailRequested('VERIFY_EMAIL'),
  'POST /api/v1/auth/password-reset': mailRequested('RESET_PASSWORD'),
  'POST /api/v1/auth/verify-email': async ({ owner, label, count }) => {
    const { token, userId } = await userWithLink(owner, `${label.toLowerCase()}@example.com`, 'VERIFY_EMAIL');
    const sql = 'select count(*) n from identity.users where id = $1 and email_verified_at is not null';
    return { json: { token }, effects: () => count(sql, userId) };
  },
  'POST /api/v1/auth/password-reset/confirm': async ({ owner, label, count }) => {
    const { token, userId } = await userWithLink(owner, `${label.toLowerCase()}@example.com`, 'RESET_PASSWORD');
    const sql = `select count(*) n from identity.users where id = $1 and password_hash like '$argon2id$%'`;
    return { json: { token, newPassword: 'staple of another kind' }, effects: () => count(sql, userId) };
  },
  'PATCH /api/v1/auth/profile': async ({ on, owner, label, count }) => {
    const account = { email: `${label.toLowerCase()}@example.com`, password: 'correct horse battery' };
    await on.call('POST', '/api/v1/auth/signup', { json: { ...account, name: 'Ada', role: 'CUSTOMER' } });
    await verifyNow(owner, account.email);
    const login = await on.call('POST', '/api/v1/auth/login', { json: account });
    const effects = () => count('select count(*) n from identity.users where name = $1', label);
    return { token: login.body.accessToken, json: { name: label }, effects };
  },
  'PATCH /api/v1/users/{id}': async ({ on, owner, label, count }) => {
    const email = `${label.toLowerCase()}@example.com`;
    const account = { email, password: 'correct horse battery', name: 'Ada', role: 'CUSTOMER' };
    await on.call('POST', '/api/v1/auth/signup', { json: account });
    const userId = await verifyNow(owner, email);
    const sql = `select count(*) n from identity.users where id = $1 and status = 'LOCKED'`;
    return {
      token: admin(on),
      json: { status: 'LOCKED' },
      ids: { id: userId },
      effects: () => count(sql, userId),
    };
  },
  'POST /api/v1/auth/api-keys': async ({ on, label, count }) => ({
    token: admin(on),
    json: { name: label, scopes: ['coupons:issue'] },
    effects: () => count('select count(*) n from identity.api_keys where name = $1', label),
    varying: ['secret'],
  }),
  'PATCH /api/v1/auth/api-keys/{id}': async ({ on, label, count }) => {
    const { body } = await on.call('POST', '/api/v1/auth/api-keys', { token: admin(on), json: { name: 'key' } });
    const effects = () => count('select count(*) n from identity.api_keys where name = $1', label);
    return { token: admin(on), ids: { id: body.apiKeyId }, json: { name: label }, effects };
  },
  'DELETE /api/v1/auth/api-keys/{id}': async ({ on, label, count }) => {
    const json = { name: label, scopes: ['coupons:issue'] };
    const { body } = await on.call('POST', '/api/v1/auth/api-keys', { token: admin(on), json });
    const sql = 'select count(*) n from identity.api_keys where name = $1 and revoked_at is not null';
    return { token: admin(on), ids: { id: body.apiKeyId ?? body.id }, effects: () => count(sql, label) };
  },
  'POST /api/v1/sandbox/clock': async ({ on, count }) => {
    const ahead = () => count('select coalesce(sum(ahead_ms), 0) n from platform.sandbox_clock');
    const before = await ahead();
    const effects = async () => ((await ahead()) - before) / 1_000;
    return { token: admin(on), json: { advanceSeconds: 1 }, effects, varying: ['ran'] };
  },
};
