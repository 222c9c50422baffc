import type { PlantedBug } from './bugs.ts';

const SOURCE = 'clients/typescript/src';
const RETRY_TEST = ['clients/typescript/test/retry.test.ts'];
const SESSION_TEST = ['clients/typescript/test/session.test.ts'];
const STREAM_TEST = ['clients/typescript/test/event-source.test.ts'];
const WEBHOOK_TEST = ['clients/typescript/test/webhooks.test.ts'];

/** The TypeScript client: what it repeats, and what it keeps. */
export const CLIENT_BUGS: readonly PlantedBug[] = [
  {
    name: 'client: each attempt has a key of its own',
    file: `${SOURCE}/create-client.ts`,
    within: 'createClient',
    search: 'withKeys(retrying(each, { ...RETRY_DEFAULTS, ...options.retry }))',
    replace: 'retrying(withKeys(each), { ...RETRY_DEFAULTS, ...options.retry })',
    tests: RETRY_TEST,
  },
  {
    name: 'client: the key of the caller is replaced',
    file: `${SOURCE}/idempotency-key.ts`,
    within: 'withKeys',
    search: ' && !request.headers.has(KEY_HEADER)',
    replace: '',
    tests: RETRY_TEST,
  },
  {
    name: 'client: a limit of coupons is asked for again',
    file: `${SOURCE}/retry.ts`,
    within: 'delayAfter',
    search: 'OF_PROXIES.has(status)',
    replace: 'UNDECIDED.has(status)',
    tests: RETRY_TEST,
  },
  {
    name: 'client: a request returns before its Retry-After',
    file: `${SOURCE}/retry.ts`,
    within: 'delayAfter',
    search: 'retryAfterMs + backoff(attempt, policy)',
    replace: 'backoff(attempt, policy)',
    tests: RETRY_TEST,
  },
  {
    name: 'client: waits for a day',
    file: `${SOURCE}/retry.ts`,
    within: 'delayAfter',
    search: ' || retryAfterMs > policy.retryAfterMaxMs',
    replace: '',
    tests: RETRY_TEST,
  },
  {
    name: 'client: a response that breaks off counts as one',
    file: `${SOURCE}/send.ts`,
    within: 'complete',
    search: "if (response.ok && !type.startsWith('application/json')) return response;",
    replace: 'if (response.ok) return response;',
    tests: RETRY_TEST,
  },
  {
    name: 'client: the signal of a request is believed',
    file: `${SOURCE}/create-client.ts`,
    within: 'callsWith',
    search: 'signals.get(request)',
    replace: 'request.signal',
    tests: RETRY_TEST,
  },
  {
    name: 'client: each request exchanges the refresh token',
    file: `${SOURCE}/session.ts`,
    within: 'Session',
    search: 'this.#renewal ??=',
    replace: 'this.#renewal =',
    tests: SESSION_TEST,
  },
  {
    name: 'client: tokens of another tab are exchanged again',
    file: `${SOURCE}/session.ts`,
    within: 'Session',
    search: 'if (present.accessToken !== used) return present;',
    replace: '',
    tests: SESSION_TEST,
  },
  {
    name: 'client: a wrong password renews the session',
    file: `${SOURCE}/credentials.ts`,
    within: 'isRejected',
    search: "&& (headers.get('www-authenticate') ?? '').includes('error=\"invalid_token\"')",
    replace: '',
    tests: SESSION_TEST,
  },
  {
    name: 'client: a stream begins anew after a lost connection',
    file: `${SOURCE}/event-source.ts`,
    within: 'messages',
    search: 'connection.lastEventId = event.id ?? connection.lastEventId;',
    replace: '',
    tests: STREAM_TEST,
  },
  {
    name: 'client: a stream stays open when the loop is left',
    file: `${SOURCE}/event-source.ts`,
    within: 'messages',
    search: "signal?.removeEventListener('abort', close); close();",
    replace: "signal?.removeEventListener('abort', close);",
    tests: STREAM_TEST,
  },
  {
    name: 'client: an old webhook is accepted',
    file: `${SOURCE}/webhooks.ts`,
    within: 'verifyWebhook',
    search: 'Math.abs(nowMs / 1_000 - seconds)',
    replace: '(nowMs / 1_000 - seconds)',
    tests: WEBHOOK_TEST,
  },
];
