import type { Charge } from '../../src/contexts/point/domain/charges/charge.ts';
import { keys } from '../../src/contexts/point/domain/command.ts';
import { userKey } from '../../src/contexts/point/domain/decision.ts';
import type { Answers } from './answers.ts';
import { givenBack } from './provider.ts';
import type { World } from './world.ts';

/** The money that came in for charges of points is what was credited, or went back; every response about a charge is true. */
export function chargeProblems({ shop, provider }: World, { paidCharges }: Pick<Answers, 'paidCharges'>): string[] {
  const { charges, chargeRefunds, postings, accounts } = shop.points;
  const problems: string[] = [];
  const byKey = new Map<string, Charge>();
  for (const charge of charges.values()) {
    const place = userKey(charge.userId, charge.key);
    if (byKey.has(place)) problems.push(`${place} opened two charges`);
    byKey.set(place, charge);
    problems.push(...problemsOf(charge));
  }
  for (const { orderId, isForPoints, ref } of provider.charges) {
    if (isForPoints && !charges.has(orderId)) problems.push(`${ref} is for charge ${orderId}, which does not exist`);
  }
  for (const { id, doneAtMs } of chargeRefunds.values()) {
    if (doneAtMs === null) problems.push(`refund ${id} of a charge is not at its end`);
  }
  for (const { userId, charging } of accounts.values()) {
    if (charging !== 0n) problems.push(`user ${userId}: room is kept for ${charging}, and no charge is open`);
  }
  for (const { key, userId, answer } of paidCharges) {
    const charge = byKey.get(userKey(userId, keys.given(key)));
    const failure = charge?.state.status === 'FAILED' ? charge.state.refusal.code : undefined;
    if (answer.$case === 'refusal') {
      const { code } = answer.value;
      if (code === 'CHARGE_EXPIRED' && charge?.state.status !== 'EXPIRED') problems.push(`${key} got ${code}`);
      if (code.startsWith('PAYMENT_') && failure !== code) problems.push(`${key} got ${code}, but is ${failure}`);
      continue;
    }
    const { id, status, transactionId } = answer.value;
    if (charge?.id !== id) problems.push(`${key} got charge ${id}, but has ${charge?.id}`);
    const credit = charge && 'transactionId' in charge.state ? charge.state.transactionId : undefined;
    if (status === 'COMPLETED' && credit !== transactionId) problems.push(`${key} got COMPLETED, and is not`);
  }
  return problems;

  function problemsOf({ id, userId, amount, state, resumeAtMs }: Charge): string[] {
    const found: string[] = [];
    const check = (holds: boolean, problem: string) => {
      if (!holds) found.push(`charge ${id} (${state.status}): ${problem}`);
    };
    check(state.status !== 'PENDING' && resumeAtMs === Number.POSITIVE_INFINITY, 'not at its end');
    const credits = postings.filter(({ transaction }) => transaction.key === keys.paid(id));
    const isCredited = state.status === 'COMPLETED' || state.status === 'REFUNDED';
    check(credits.length === (isCredited ? 1 : 0), `${credits.length} credits`);
    for (const { transaction } of credits)
      check(transaction.amount === amount && transaction.userId === userId, `${transaction.amount} credited`);
    const reversals = postings.filter(({ transaction }) => transaction.sourceId === credits[0]?.transaction.id);
    check(reversals.length === (state.status === 'REFUNDED' ? 1 : 0), `${reversals.length} times taken back`);
    const payments = provider.charges.filter(({ orderId, isForPoints }) => isForPoints && orderId === id);
    const received = payments.reduce((sum, { taken }) => sum + taken, 0n);
    const returned = payments.reduce((sum, payment) => sum + givenBack(payment), 0n);
    const kept = state.status === 'COMPLETED' ? amount : 0n;
    check(received === kept + returned, `${received} received, ${kept} kept and ${returned} returned`);
    return found;
  }
}
