import type { PaymentBegun, PaymentProvider } from '../../src/contexts/payment/api.ts';

/** A payment provider elsewhere, with books of its own. */
export interface Provider extends PaymentProvider {
  /** How it answers payments that it has not seen. */
  behave(how: 'COMPLETE' | 'DECLINE' | 'LATER' | 'AWAY'): void;
  /** What went back, by payment. */
  readonly refunded: ReadonlyMap<bigint, bigint>;
  /** How many payments it was asked for. */
  asked(): number;
}

export function provider(): Provider {
  const payments = new Map<bigint, PaymentBegun>();
  const refunds = new Map<bigint, bigint>();
  const refunded = new Map<bigint, bigint>();
  let behaviour: Parameters<Provider['behave']>[0] = 'LATER';

  function answer(paymentId: bigint): PaymentBegun {
    const providerRef = `pay_${paymentId}`;
    if (behaviour === 'COMPLETE') return { kind: 'COMPLETED', providerRef };
    if (behaviour === 'DECLINE') return { kind: 'DECLINED', providerRef, reason: 'no funds' };
    return { kind: 'PENDING', providerRef, url: `https://pay.example/${providerRef}` };
  }

  return {
    behave: (how) => {
      behaviour = how;
    },
    refunded,
    asked: () => payments.size,
    async begin({ paymentId }) {
      const known = payments.get(paymentId);
      if (known) return known;
      if (behaviour === 'AWAY') throw new Error('the provider is away');
      payments.set(paymentId, answer(paymentId));
      return answer(paymentId);
    },
    async refund({ refundId, paymentId, amount }) {
      if (behaviour === 'AWAY') throw new Error('the provider is away');
      if (refunds.has(refundId)) {
        if (refunds.get(refundId) !== amount) throw new Error(`refund ${refundId} came with two amounts`);
        return;
      }
      refunds.set(refundId, amount);
      refunded.set(paymentId, (refunded.get(paymentId) ?? 0n) + amount);
    },
  };
}
