import type { PlantedBug } from './bugs.ts';

const SIGNATURE = 'src/platform/http/webhook-signature.ts';
const SIGNATURE_TEST = ['src/platform/http/webhook-signature.test.ts'];
const WEBHOOK = 'src/gateway/routes/order/payment-webhook.http.ts';
const SIGNED = 'src/gateway/auth/signed-webhook.ts';
const PAYMENTS_TEST = ['test/attacks/payments.int.test.ts'];
const SANDBOX = 'src/contexts/order/adapters/sandbox';
const SANDBOX_TEST = ['src/contexts/order/test/sandbox-provider.int.test.ts'];

/** In how payments are taken and reported. */
export const PAYMENT_BUGS: readonly PlantedBug[] = [
  {
    name: 'payment: an old webhook is taken',
    file: SIGNATURE,
    within: 'isSigned',
    search: 'Math.abs(each / 1_000 - Number(timestamp)) <= TOLERANCE_SECONDS',
    replace: 'Number(timestamp) - each / 1_000 <= TOLERANCE_SECONDS',
    tests: SIGNATURE_TEST,
  },
  {
    name: 'payment: the id of a webhook is not signed',
    file: SIGNATURE,
    within: 'digestOf',
    search: '.update(`${id}.${timestamp}.`)',
    replace: '.update(`msg.${timestamp}.`)',
    tests: SIGNATURE_TEST,
  },
  {
    name: 'payment: a webhook is parsed before its signature is looked at',
    file: WEBHOOK,
    within: 'paymentWebhookRoutes',
    search: '      const bytes = await signedBody(',
    replace: '      parseJson(request.body as Buffer);\n      const bytes = await signedBody(',
    tests: PAYMENTS_TEST,
    only: 'parsed',
  },
  {
    name: 'payment: unsigned webhooks are not counted',
    file: SIGNED,
    within: 'signedBody',
    search: 'await limits.general(undefined, request, (name, value) => reply.header(name, value));',
    replace: '',
    tests: PAYMENTS_TEST,
    only: 'counted by address',
  },
  {
    name: 'payment: what a provider says is worth what it says, signed or not',
    file: SIGNED,
    within: 'signedBody',
    search: 'if (isSigned(keys, request.headers, bytes, ...webhookClocks.map((clock) => clock()))) return bytes;',
    replace: "if (request.headers['webhook-signature'] !== undefined) return bytes;",
    tests: PAYMENTS_TEST,
    only: '52',
  },
  ...['[clock]', '[composed.wallClock]'].map((clocks) => ({
    name: `payment: webhooks are checked by ${clocks} alone`,
    file: 'src/app/http/route-deps.ts',
    within: 'routeDeps',
    search: 'webhookClocks: [clock, composed.wallClock]',
    replace: `webhookClocks: ${clocks}`,
    tests: ['test/gateway/skewed-clock.int.test.ts'],
    only: 'accepts a webhook',
  })),
  {
    name: 'sandbox: a second choice counts',
    file: `${SANDBOX}/sandbox-store.ts`,
    within: 'DECIDE',
    search: "where ref = $1 and status = 'PENDING'`",
    replace: 'where ref = $1`',
    tests: SANDBOX_TEST,
  },
  {
    name: 'sandbox: a refund gives back each time',
    file: `${SANDBOX}/sandbox-store.ts`,
    within: 'sandboxStore',
    search: 'client.query<{ ref: string; amount: bigint }>(LOCK_PAID, [paymentId])',
    replace: "client.query<{ ref: string; amount: bigint }>(LOCK_PAID.replace(' for update', ''), [paymentId])",
    tests: SANDBOX_TEST,
  },
  {
    name: 'sandbox: more goes back than came in',
    file: `${SANDBOX}/sandbox-store.ts`,
    within: 'sandboxStore',
    search: 'if (before.amount + amount > paid.amount) {',
    replace: 'if (amount > paid.amount) {',
    tests: SANDBOX_TEST,
  },
  {
    name: 'sandbox: a report that is not taken is forgotten',
    file: `${SANDBOX}/deliver-reports.ts`,
    within: 'post',
    search: 'return response.ok ? undefined : `status ${response.status}`;',
    replace: 'return undefined;',
    tests: SANDBOX_TEST,
  },
  {
    name: 'sandbox: all nodes deliver the same report',
    file: `${SANDBOX}/sandbox-store.ts`,
    within: 'TAKE',
    search: 'update orders.sandbox_payments set report_at = $2, attempts = attempts + 1',
    replace: 'update orders.sandbox_payments set report_at = least(report_at, $2), attempts = attempts + 1',
    tests: SANDBOX_TEST,
  },
  {
    name: 'payments of other users are shown',
    file: 'src/contexts/order/application/read-money.ts',
    within: 'visibleOrder',
    search: 'order?.userId === userId',
    replace: 'true',
    tests: ['test/gateway/support-reads.int.test.ts'],
    only: 'an order shows what was paid, what went back and why',
  },
  {
    name: 'a customer lists the orders of all users',
    file: 'src/gateway/routes/order/orders.http.ts',
    within: 'ordersRoutes',
    search: 'isOperator(principal.role) && query.userId === undefined',
    replace: 'query.userId === undefined',
    tests: ['test/gateway/support-reads.int.test.ts'],
    only: 'a customer lists own orders only',
  },
  {
    name: 'the page of the sandbox shows the currency of the shop for an order of another one',
    file: 'src/gateway/routes/order/sandbox-payment-page.ts',
    within: 'paymentPage',
    search: 'currency ?? shopCurrency',
    replace: 'shopCurrency',
    tests: ['test/attacks/payments.int.test.ts'],
    only: 'shows the currency of the order',
  },
];
