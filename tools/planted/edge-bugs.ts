import type { PlantedBug } from './bugs.ts';

const ADDRESS = 'src/gateway/limits/client-address.ts';
const ADDRESSES_TEST = ['test/attacks/client-addresses.int.test.ts'];
const LOGIN = 'src/gateway/limits/login-limits.ts';
const LOGIN_TEST = ['test/attacks/login-limits.int.test.ts'];
const AUTHENTICATE = 'src/gateway/auth/authenticate.ts';

/** In how the edge tells clients apart, and limits them. */
export const EDGE_BUGS: readonly PlantedBug[] = [
  {
    name: 'edge: each IPv6 address is a bucket of its own',
    file: ADDRESS,
    within: 'prefixOf',
    search: '.slice(0, 4)',
    replace: '',
    tests: ['src/gateway/limits/client-address.test.ts', ...ADDRESSES_TEST],
  },
  {
    name: 'edge: one proxy more than there are is trusted',
    file: ADDRESS,
    within: 'trustOf',
    search: 'hop < setting',
    replace: 'hop <= setting',
    tests: ['src/gateway/limits/client-address.test.ts'],
  },
  {
    name: 'edge: hot routes take the address of the proxy',
    file: 'src/gateway/server/fastify.ts',
    within: 'createFastify',
    search: 'clientAddress(options.trust)',
    replace: 'clientAddress(undefined)',
    tests: ADDRESSES_TEST,
  },
  {
    name: 'edge: callers without a valid credential are exempt from limits where others are',
    file: AUTHENTICATE,
    within: 'mustCount',
    search: 'caller instanceof Rejected ? !caller.isCounted : caller === undefined || !unlimited',
    replace: '!unlimited',
    tests: ADDRESSES_TEST,
  },
  {
    name: 'edge: unknown keys are looked up before they are counted',
    file: AUTHENTICATE,
    within: 'authenticator',
    search: 'if (isCounted) await deps.countByAddress(request);',
    replace: '',
    tests: ADDRESSES_TEST,
    only: 'unknown API keys',
  },
  {
    name: 'edge: a credential that is not valid is ignored on public routes',
    file: 'src/gateway/auth/guard.ts',
    within: 'EdgeGuard',
    search: 'caller instanceof Rejected && !route.ownCredential',
    replace: "caller instanceof Rejected && route.access !== 'ANYBODY'",
    tests: ADDRESSES_TEST,
    only: 'not valid',
  },
  {
    name: 'edge: an API key has the limit of all machines',
    file: 'src/gateway/limits/limits.ts',
    within: 'postgresLimits',
    search: 'if (rateLimit === undefined) return machines;',
    replace: 'return machines;',
    tests: ADDRESSES_TEST,
    only: 'the limit of an API key',
  },
  {
    name: 'edge: an expiry of an API key may be over',
    file: 'src/contexts/identity/domain/api-key.ts',
    within: 'isExpiryAhead',
    search: 'now < expiresAt',
    replace: 'true',
    tests: ['src/contexts/identity/test/identity.int.test.ts'],
    only: 'expiry',
  },
  {
    name: 'edge: a machine may name an administrator in the body',
    file: 'src/gateway/auth/principal.ts',
    within: 'subjectOf',
    search: "if (actsForPrivileged(principal, userId)) throw new ProblemError('FORBIDDEN');",
    replace: '',
    tests: ['test/attacks/scopes.int.test.ts'],
    only: '62',
  },
  {
    name: 'edge: what an address is refused counts for the account',
    file: LOGIN,
    within: 'postgresLoginLimits',
    search: 'const ofBoth = await take(byBoth, both);',
    replace: 'const [ofBoth] = await Promise.all([take(byBoth, both), take(byAccount, account)]);',
    tests: LOGIN_TEST,
  },
  {
    name: 'edge: a guess from many addresses is not limited',
    file: LOGIN,
    within: 'postgresLoginLimits',
    search: 'refuseWhen(ofAccount.left < 0, ofAccount.resetSeconds);',
    replace: '',
    tests: LOGIN_TEST,
  },
  {
    name: 'edge: no address is known to an account',
    file: LOGIN,
    within: 'postgresLoginLimits',
    search: 'return () => knownLogins.add(both);',
    replace: 'return async () => {};',
    tests: LOGIN_TEST,
  },
  {
    name: 'edge: attempts at a known address are not limited',
    file: LOGIN,
    within: 'postgresLoginLimits',
    search: 'refuseWhen(ofBoth.left < 0, ofBoth.resetSeconds);',
    replace: 'refuseWhen(ofBoth.left < 0 && !isKnown, ofBoth.resetSeconds);',
    tests: LOGIN_TEST,
  },
  {
    name: 'edge: counters of limits are kept for ever',
    file: 'src/platform/postgres/sweep.ts',
    within: 'EXPIRED',
    search: "'expire <= (extract(epoch from now()) - 3600) * 1000'",
    replace: "'false'",
    tests: ['src/platform/idempotency/expired-results.int.test.ts'],
  },
];
