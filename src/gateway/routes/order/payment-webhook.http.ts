import { z } from 'zod';
import type { OrderRefusalCode, OrderService } from '../../../contexts/order/api.ts';
import { PAYMENT_ID_MAX } from '../../../contexts/payment/api.ts';
import type { PointService } from '../../../contexts/point/api.ts';
import { asOneLine } from '../../../platform/kernel/one-line.ts';
import { refusalIn } from '../../../platform/kernel/refusal.ts';
import { SIGNED_WEBHOOK, signedBody, type WebhookChecks } from '../../auth/signed-webhook.ts';
import { parseJson } from '../../server/json-body.ts';
import { parsed } from '../../server/parsed.ts';
import { type Route, route } from '../../server/route.ts';
import { BodyId } from '../../server/schemas.ts';

const AMOUNT_MAX = 1_000_000_000_000_000;
const PROVIDER_REF = new RegExp(`^\\P{Cc}{1,${PAYMENT_ID_MAX}}$`, 'u');

/** The fields of a provider's report that are used; it may contain more. */
const WebhookBody = z.object({
  type: z
    .string()
    .max(100)
    .meta({ examples: ['payment.completed', 'payment.failed'] }),
  data: z.record(z.string(), z.unknown()),
});
const Payment = z.object({
  paymentId: BodyId,
  orderId: BodyId.meta({ description: 'What was paid: the order, or the charge of points' }),
  amount: z.int().min(0).max(AMOUNT_MAX).transform(BigInt),
  reason: z.string().transform(asOneLine).optional(),
  // A value that cannot be stored counts as absent.
  providerRef: z.string().regex(PROVIDER_REF).optional().catch(undefined),
});
const STATUS_OF: ReadonlyMap<string, string> = new Map([
  ['payment.completed', 'COMPLETED'],
  ['payment.failed', 'FAILED'],
]);

const WebhookView = z
  .strictObject({
    taken: z.boolean().meta({ description: 'false: the payment is unknown here; do not send the report again' }),
  })
  .meta({ id: 'PaymentReportReceipt' });

export interface WebhookDeps extends Omit<WebhookChecks, 'keys'> {
  readonly order: Pick<OrderService, 'reportPayment'>;
  readonly point: Pick<PointService, 'reportCharge'>;
  /** Any of them may have signed. */
  readonly webhookKeys: readonly Buffer[];
  /** Called with reports that could not be applied. */
  readonly onIgnoredPayment: (facts: Readonly<Record<string, string>>) => void;
}

/** The only credential here is the signature. */
export const paymentWebhookRoutes = (deps: WebhookDeps): readonly Route[] => [
  route({
    id: 'reportPayment',
    tag: 'payments',
    method: 'POST',
    paths: ['/api/v1/payments/webhook'],
    summary: 'Receive the report of a payment provider',
    description:
      'Signed as a Standard Webhook: `webhook-signature` is `v1,` and base64 of HMAC-SHA256 over ' +
      '`id.timestamp.body`. It is accepted only when it is signed and its time differs by at most 5 minutes. ' +
      'Repeats have one effect. The general limit counts unsigned requests, by address.',
    ...SIGNED_WEBHOOK,
    status: 200,
    bodyExample: {
      type: 'payment.completed',
      timestamp: '2035-01-01T01:02:00Z',
      data: { paymentId: '7330011234567896', orderId: '7330011234567895', amount: 26500, providerRef: 'pay_5f1c' },
    },
    response: { schema: WebhookView, example: { taken: true } },
    body: WebhookBody,
    async handle(request, reply) {
      const bytes = await signedBody({ ...deps, keys: deps.webhookKeys }, request, reply);
      return { taken: await take(deps, parseJson(bytes)) };
    },
  }),
];

/**
 * Returns false when the report names no order and no charge of this system, or has an unknown type. It is accepted anyway: a refused sender would
 * only retry.
 */
async function take({ order, point, onIgnoredPayment }: WebhookDeps, body: unknown): Promise<boolean> {
  const { type, data } = parsed(WebhookBody, body);
  const status = STATUS_OF.get(type);
  if (status === undefined) return false;
  const payment = parsed(Payment, data);
  const report = { ...payment, status, reason: payment.reason, providerRef: payment.providerRef };
  const refusal = refusalIn<OrderRefusalCode>(await order.reportPayment(report));
  if (refusal === undefined) return true;
  // The provider knows a charge of points as an order whose id is that of the charge.
  if (refusal.code === 'ORDER_NOT_FOUND') {
    const { orderId: chargeId, ...rest } = report;
    if (refusalIn(await point.reportCharge({ ...rest, chargeId })) === undefined) return true;
  }
  const { paymentId, orderId, amount } = payment;
  onIgnoredPayment({
    type,
    code: refusal.code,
    paymentId: `${paymentId}`,
    orderId: `${orderId}`,
    amount: `${amount}`,
  });
  return false;
}
