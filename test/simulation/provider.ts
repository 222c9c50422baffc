import type { PaymentBegun, PaymentProvider } from '../../src/contexts/payment/api.ts';
import type { Owner } from './kernel.ts';
import { Arranged } from './trouble.ts';
import type { World } from './world.ts';

/** A payment in the books of the provider. */
export interface Charge {
  readonly ref: string;
  /** The id of our payment. Null for a payment that the customer made in addition. */
  readonly paymentId: bigint | null;
  /** What is paid: an order, or a charge of points. */
  readonly orderId: bigint;
  readonly isForPoints: boolean;
  /** What the provider's webhook names it by. */
  readonly reportedId: bigint | null;
  readonly userId: bigint;
  readonly asked: bigint;
  status: 'OPEN' | 'TAKEN' | 'DECLINED';
  taken: bigint;
  readonly givenBack: Map<bigint, bigint>;
  /** How the provider reports. It repeats a report until that is accepted. */
  readonly reportsBy: 'WEBHOOK' | 'BUS' | 'BOTH';
}

export interface Report {
  readonly charge: Charge;
  readonly status: 'COMPLETED' | 'FAILED';
}

/** Its books are always right. Its reports may be late, duplicated, lost or contradictory. */
export interface SimulatedProvider {
  /** As a process of ours sees it. */
  readonly of: (caller: Owner) => PaymentProvider;
  readonly charges: readonly Charge[];
  /** The pending webhooks. */
  readonly reports: Set<Report>;
  /** No user pays any more. */
  close(): void;
}

interface RequestedPayment {
  readonly paymentId: bigint | null;
  readonly amount: bigint;
}

/** Ids of payments that were not requested, which no id of ours reaches. */
const UNASKED_FROM = 900_000_000n;
/** The caller gives up a call without a response. */
const RESPONSE_TIMEOUT_MS = 10_000;
const NETWORK: Owner = { name: 'network', status: 'UP' };
const CUSTOMER: Owner = { name: 'payer', status: 'UP' };

export function simulatedProvider(world: Omit<World, 'provider'>): SimulatedProvider {
  const { kernel, messages, complain } = world;
  const { chance } = kernel;
  const charges: Charge[] = [];
  const reports = new Set<Report>();
  let isOpen = true;
  /** Each provider has its way. */
  const reportsBy = chance.of(['WEBHOOK', 'WEBHOOK', 'BUS', 'BOTH'] as const);
  const namesByOurs = reportsBy === 'BUS' && chance.happens(0.3);
  const habits = chance.of([
    { take: 3, decline: 1, page: 2 },
    { take: 1, decline: 0, page: 4 },
    { take: 1, decline: 3, page: 1 },
  ]);

  function reportCharge(charge: Charge, status: Report['status']): void {
    kernel.say('provider', () => `${nameOf(charge)} is ${status}: to be reported by ${charge.reportsBy}`);
    if (charge.reportsBy !== 'BUS' && charge.reportedId !== null) reports.add({ charge, status });
    if (charge.reportsBy === 'WEBHOOK') return;
    const { ref, paymentId, orderId, userId, taken } = charge;
    const named = paymentId !== null && namesByOurs ? String(paymentId) : ref;
    const shared = { paymentId: named, orderId: String(orderId), userId: String(userId) };
    const passedOn = chance.happens(0.5) ? { reservationId: `order:${orderId}` } : {};
    const data =
      status === 'COMPLETED'
        ? { ...shared, ...passedOn, amount: String(taken), completedAt: '' }
        : { ...shared, ...passedOn, reason: 'card declined' };
    messages.publish(status === 'COMPLETED' ? 'payment.completed.v1' : 'payment.failed.v1', String(orderId), data);
  }

  function take(charge: Charge, amount = charge.asked): void {
    charge.status = 'TAKEN';
    charge.taken = amount;
    reportCharge(charge, 'COMPLETED');
    if (chance.happens(0.15)) reportCharge(charge, 'COMPLETED');
    // Contradicts itself; what counts is where the money is.
    if (chance.happens(0.05)) reportCharge(charge, 'FAILED');
  }

  function decline(charge: Charge): void {
    charge.status = 'DECLINED';
    if (chance.happens(0.7)) reportCharge(charge, 'FAILED');
    if (chance.happens(0.05)) void changeMind(charge);
  }

  async function changeMind(charge: Charge): Promise<void> {
    await kernel.until(CUSTOMER, kernel.clock() + chance.below(60_000), `${nameOf(charge)} goes through after all`);
    if (isOpen) take(charge);
  }

  function open(payment: Pick<Charge, 'orderId' | 'userId' | 'isForPoints'> & RequestedPayment): Charge {
    const { paymentId, orderId, isForPoints, userId, amount: asked } = payment;
    const ref = `pay_${charges.length + 1}`;
    const charge: Charge = {
      ref,
      paymentId,
      orderId,
      isForPoints,
      reportedId: paymentId ?? (isForPoints ? UNASKED_FROM + BigInt(charges.length) : null),
      userId,
      asked,
      status: 'OPEN',
      taken: 0n,
      givenBack: new Map(),
      // No consumer of ours reads of charges on the bus.
      reportsBy: isForPoints ? 'WEBHOOK' : reportsBy,
    };
    charges.push(charge);
    return charge;
  }

  /** The customer is at the provider's page, or not. */
  async function visit(charge: Charge): Promise<void> {
    await kernel.until(CUSTOMER, kernel.clock() + chance.of([0, 2_000, 30_000, 11 * 60_000]), '');
    if (!isOpen || charge.status !== 'OPEN') return;
    switch (chance.weighted({ pay: 12, decline: 3, leave: 3, payOther: 1, payTwice: 2 })) {
      case 'pay':
        return take(charge);
      case 'decline':
        return decline(charge);
      case 'leave':
        return;
      case 'payOther':
        return take(charge, charge.asked + BigInt(chance.of([-1, 1])));
      case 'payTwice':
        take(charge);
        await kernel.until(CUSTOMER, kernel.clock() + chance.below(20_000), `${nameOf(charge)} is paid once more`);
        if (isOpen && (charge.isForPoints || (charge.reportsBy !== 'WEBHOOK' && !namesByOurs)))
          take(open({ ...charge, paymentId: null, amount: charge.asked }));
    }
  }

  function begun(payment: Parameters<PaymentProvider['begin']>[0]): PaymentBegun {
    let charge = charges.find(({ paymentId }) => paymentId === payment.paymentId);
    if (!charge) {
      // A charge of points is the order of its own payment.
      charge = open({ ...payment, isForPoints: payment.paymentId === payment.orderId });
      const way = chance.weighted(habits);
      if (way === 'take') take(charge);
      else if (way === 'decline') decline(charge);
      else void visit(charge);
    }
    const { ref: providerRef, status, taken, asked } = charge;
    if (status === 'TAKEN' && taken === asked) return { kind: 'COMPLETED', providerRef };
    if (status === 'DECLINED') return { kind: 'DECLINED', providerRef, reason: 'card declined' };
    return { kind: 'PENDING', providerRef, url: `https://pay.example/${providerRef}` };
  }

  function giveBack({ refundId, paymentId, providerRef, amount }: Parameters<PaymentProvider['refund']>[0]): void {
    const charge =
      charges.find(({ ref }) => ref === providerRef) ?? charges.find((each) => each.paymentId === paymentId);
    if (!charge) throw new Error(`refund ${refundId} of payment ${paymentId}, which the provider does not know`);
    const before = charge.givenBack.get(refundId);
    if (before !== undefined && before !== amount) complain(`refund ${refundId} of ${before} and then of ${amount}`);
    charge.givenBack.set(refundId, amount);
    kernel.say('provider', () => `gives ${amount} of ${nameOf(charge)} back`);
    if (givenBack(charge) > charge.taken) complain(`${nameOf(charge)}: more goes back than was taken`);
  }

  /** There and back; either way may be without end, and what has arrived happens also when the caller is dead. */
  async function call<Answer>(caller: Owner, what: string, effect: () => Answer): Promise<Answer> {
    const answer = Promise.withResolvers<Answer>();
    void (async () => {
      await kernel.turn(NETWORK, '');
      const { loseRequest, loseResponse, silent } = world.trouble();
      const isSilent = chance.happens(silent);
      let fate: (() => void) | undefined;
      if (world.isAway('provider') || chance.happens(loseRequest) || (isSilent && chance.happens(0.5))) {
        kernel.say('provider', () => `${what}: did not arrive${isSilent ? ', and nothing says so' : ''}`);
        fate = () => answer.reject(new Arranged(`${what}: no response`));
      } else {
        const result = effect();
        const isLost = isSilent || chance.happens(loseResponse);
        kernel.say('provider', () => `${what}${isLost ? ', the response is lost' : ''}`);
        fate = isLost ? () => answer.reject(new Arranged(`${what}: no response`)) : () => answer.resolve(result);
      }
      if (isSilent) await kernel.until(caller, kernel.clock() + RESPONSE_TIMEOUT_MS, '');
      else await kernel.turn(caller, '');
      fate();
    })();
    return await answer.promise;
  }

  return {
    of: (caller) => ({
      begin: (payment) => call(caller, `begins payment ${payment.paymentId}`, () => begun(payment)),
      refund: (refund) => call(caller, `refund ${refund.refundId}`, () => giveBack(refund)),
    }),
    charges,
    reports,
    close() {
      isOpen = false;
    },
  };
}

export const givenBack = ({ givenBack: parts }: Charge): bigint =>
  [...parts.values()].reduce((sum, part) => sum + part, 0n);

const nameOf = ({ ref, paymentId }: Charge): string =>
  `${ref} (${paymentId === null ? 'unasked' : `payment ${paymentId}`})`;
