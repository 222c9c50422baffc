import type { SandboxProvider } from '../../contexts/order/module.ts';
import type { PaymentBegun, PaymentProvider, SandboxPaymentService } from '../../contexts/payment/api.ts';
import { onlyCalls } from '../call-rules.ts';

/** The sandbox of payments for processes without order. */
export const sandboxPaymentService = ({ provider, find, choose }: SandboxProvider): SandboxPaymentService => ({
  async beginPayment(payment) {
    const begun = await provider.begin(payment);
    return { providerRef: begun.providerRef, outcome: outcomeOf(begun) };
  },
  async refundPayment({ providerRef = null, ...refund }) {
    await provider.refund({ ...refund, providerRef });
    return {};
  },
  async findPayment({ ref }) {
    return { payment: await find(ref) };
  },
  async chooseOutcome({ ref, kind, afterMs }) {
    if (kind === 'APPROVE_LATER') await choose(ref, { kind, afterMs: Number(afterMs) });
    else if (isChoice(kind)) await choose(ref, { kind });
    else throw new Error(`${kind} is no outcome of a payment`);
    return {};
  },
});

/** The sandbox of payments that runs in another process. */
export interface RemoteSandbox {
  readonly provider: PaymentProvider;
  readonly pages: Pick<SandboxProvider, 'find' | 'choose'>;
}

export const remoteSandbox = (as: (caller: 'gateway' | 'point') => SandboxPaymentService): RemoteSandbox => ({
  provider: {
    begin: async (payment) => toBegun(await as('point').beginPayment(payment)),
    async refund({ providerRef, ...refund }) {
      await as('point').refundPayment({ ...refund, providerRef: providerRef ?? undefined });
    },
  },
  pages: {
    async find(ref) {
      const { payment } = await as('gateway').findPayment({ ref });
      return payment && { ...payment, currency: payment.currency, status: statusOf(payment.status) };
    },
    async choose(ref, choice) {
      const afterMs = choice.kind === 'APPROVE_LATER' ? BigInt(choice.afterMs) : 0n;
      await as('gateway').chooseOutcome({ ref, kind: choice.kind, afterMs });
    },
  },
});

/** May `caller` call this method of the sandbox, by its name in the contract? */
export const mayCallSandboxPayments = onlyCalls<SandboxPaymentService>({
  point: ['beginPayment', 'refundPayment'],
  gateway: ['findPayment', 'chooseOutcome'],
});

type BeginPaymentResponse = Awaited<ReturnType<SandboxPaymentService['beginPayment']>>;

function outcomeOf(begun: PaymentBegun): BeginPaymentResponse['outcome'] {
  switch (begun.kind) {
    case 'COMPLETED':
      return { $case: 'completed', value: {} };
    case 'DECLINED':
      return { $case: 'declined', value: { reason: begun.reason } };
    case 'PENDING':
      return { $case: 'pending', value: { url: begun.url } };
  }
}

function toBegun({ providerRef, outcome }: BeginPaymentResponse): PaymentBegun {
  switch (outcome?.$case) {
    case 'completed':
      return { kind: 'COMPLETED', providerRef };
    case 'declined':
      return { kind: 'DECLINED', providerRef, reason: outcome.value.reason };
    case 'pending':
      return { kind: 'PENDING', providerRef, url: outcome.value.url };
    case undefined:
      throw new Error('the sandbox of payments responded without an outcome');
  }
}

const CHOICES = ['APPROVE', 'DECLINE', 'APPROVE_TWICE'] as const;
const isChoice = (kind: string): kind is (typeof CHOICES)[number] => CHOICES.some((choice) => choice === kind);

const STATUSES = ['PENDING', 'APPROVED', 'DECLINED'] as const;
function statusOf(text: string): (typeof STATUSES)[number] {
  const status = STATUSES.find((known) => known === text);
  if (status === undefined) throw new Error(`${text} is no status of a payment in the sandbox`);
  return status;
}
