import type { PlantedBug } from './bugs.ts';

const COUPON = 'src/contexts/coupon';
const DOMAIN = `${COUPON}/domain/lifecycle/quote.ts`;
const QUOTE = `${COUPON}/application/quote/quote-coupons.ts`;
const READER = `${COUPON}/adapters/postgres/queries/quote-reader.ts`;
const ROUTE = 'src/gateway/routes/coupon/coupon-quote.http.ts';
const DOMAIN_TEST = [`${COUPON}/domain/lifecycle/quote.test.ts`];
const TEST = ['test/gateway/quote.int.test.ts'];
const CODES = ['test/attacks/coupon-codes.int.test.ts'];

/** In quotes. */
export const QUOTE_BUGS: readonly PlantedBug[] = [
  {
    name: 'quote: an overdue reservation still holds its coupon',
    file: DOMAIN,
    within: 'quoteOf',
    search: 'heldUntilMs !== null && nowMs >= heldUntilMs',
    replace: 'false',
    tests: DOMAIN_TEST,
  },
  {
    name: 'quote: the limit of reserved coupons is ignored',
    file: DOMAIN,
    within: 'quoteOf',
    search: 'refusalOfHolds(holds) ?? discount',
    replace: 'discount',
    tests: DOMAIN_TEST,
  },
  {
    name: 'quote: the coupon of a code discounts the lines of all stores',
    file: DOMAIN,
    within: 'couponToIssue',
    search: 'eligibleStoreId: storeId',
    replace: 'eligibleStoreId: null',
    tests: DOMAIN_TEST,
  },
  {
    name: 'quote: the coupon of another user is quoted',
    file: READER,
    within: 'FIND',
    search: 'i.id = any($2::bigint[]) and i.user_id = $1',
    replace: 'i.id = any($2::bigint[])',
    tests: TEST,
    only: 'equals what reserving each coupon takes off',
  },
  {
    name: 'quote: coupons that a reservation holds count as usable',
    file: READER,
    within: 'USABLE',
    search: 'and held.expires_at <= $2',
    replace: '',
    tests: TEST,
    only: 'without couponIds',
  },
  {
    name: 'quote: a code that cannot be redeemed now is quoted',
    file: QUOTE,
    within: 'quoteCode',
    search: 'if (!isRedeemable(found, nowMs)) return CODE_NOT_FOUND;',
    replace: '',
    tests: CODES,
    only: 'a quote says the same of every code',
  },
  {
    name: 'quote: codes are tried without a limit',
    file: ROUTE,
    within: 'couponQuoteRoutes',
    search: 'if (key !== undefined) for (const _code of codes) await codeLimits.admit(key);',
    replace: '',
    tests: CODES,
    only: 'each code of a quote counts',
  },
  {
    name: 'quote: wrong codes are not counted',
    file: ROUTE,
    within: 'couponQuoteRoutes',
    search: 'if (key !== undefined) for (const _code of wrongCodesIn(quotes)) await codeLimits.wrong(key);',
    replace: '',
    tests: CODES,
    only: 'a quote says the same of every code',
  },
  {
    name: 'quote: of equal discounts the one that expires last is the best',
    file: QUOTE,
    within: 'bestFirst',
    search: 'expiryOf(a) - expiryOf(b)',
    replace: 'expiryOf(b) - expiryOf(a)',
    tests: TEST,
    only: 'expires first is the best',
  },
];
