import type { PlantedBug } from './bugs.ts';

const DOMAIN = 'src/contexts/order/domain';
const APPLICATION = 'src/contexts/order/application';
const POINT = 'src/contexts/point/domain';

const ESTIMATE = 'src/platform/postgres/clock-estimate.ts';

type Mutation = Omit<PlantedBug, 'name' | 'tests' | 'only'> & Partial<Pick<PlantedBug, 'tests'>>;

/** Bugs that show when processes die, are suspended or get messages late: each breaks an invariant for some seed of the simulation. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'a late refusal to hold points is taken for one to capture them': {
    file: `${DOMAIN}/placement/reservation.ts`,
    within: 'pointsRefused',
    search: "order.state.step === 'HOLD_POINTS' ? updated(beginEnding(",
    replace: "order.state.step === 'HOLD_POINTS' || order.state.step === 'CAPTURE_POINTS' ? updated(beginEnding(",
    // One of ten thousand seeds shows it.
    tests: ['test/simulation/checkout.test.ts', `${DOMAIN}/apply-input.test.ts`],
  },
  'a refund waits for a coupon that came back unheard and was used again': {
    file: `${APPLICATION}/checkout/execute-step.ts`,
    within: 'requireRestored',
    search: "if (refusalIn<CouponRefusalCode>(response)?.code !== 'RESERVATION_CONFLICT') requireNoRefusal(response);",
    replace: 'requireNoRefusal(response);',
  },
  'points of a refused payment may be spent late': {
    file: 'src/contexts/point/domain/holds/hold-commands.ts',
    within: 'spend',
    search: "if (!present) release(work, { kind: 'RELEASE', userId, orderId });",
    replace: '',
    // Few seeds show it.
    tests: ['test/simulation/checkout.test.ts', 'src/contexts/point/test/point-store.int.test.ts'],
  },
  'the coupon of an order that was never paid comes back only when its policy says so': {
    file: `${APPLICATION}/checkout/execute-step.ts`,
    within: 'releaseCoupon',
    search: 'unpaid: true',
    replace: 'unpaid: false',
  },
  'a released reservation that timed out before may be confirmed': {
    file: 'src/contexts/coupon/domain/lifecycle/reservation-steps.ts',
    within: 'release',
    search: 'return done(coupon, unitOfWork.closeExpired(reservation));',
    replace: 'return done(coupon, reservation);',
  },
  'a release of points before their hold leaves no mark': {
    file: 'src/contexts/point/domain/holds/hold-commands.ts',
    within: 'release',
    search:
      "return putHold(work, { userId, orderId, amount: 0n, transactionId: null, state: { status: 'RELEASED' } });",
    replace: "return held({ userId, orderId, amount: 0n, transactionId: null, state: { status: 'RELEASED' } });",
  },
  'points whose hold was refused are not released': {
    file: `${DOMAIN}/cancellation/ending.ts`,
    within: 'beginEnding',
    search: 'if (order.pointsUsed > 0n) return',
    replace: "if (order.pointsUsed > 0n && was === 'RESERVED') return",
  },
  'memory refuses an order whose key has placed it': {
    file: `${APPLICATION}/placement/place-order.ts`,
    within: 'placeOrder',
    search: 'if (refusal && !(await keyLookup.isPlaced(request)))',
    replace: 'if (refusal)',
  },
  'more than the total pays, and the rest is kept': {
    file: `${DOMAIN}/payment/payment-results.ts`,
    within: 'paymentCompleted',
    search: 'if (amount !== total) {',
    replace: 'if (amount < total) {',
  },
  'the money of an order whose coupon is lost is kept': {
    file: `${DOMAIN}/payment/confirmation.ts`,
    within: 'failAfterPayment',
    search: 'refundPayment(work, paymentOf(work, order, paymentId), why.code)',
    replace: '{ payment: paymentOf(work, order, paymentId) }',
  },
  'a refund with the same key is made once more': {
    file: `${DOMAIN}/refund/refund.ts`,
    within: 'refund',
    search: 'work.refunds(order.id).find((each) => each.key === key)',
    replace: 'work.refunds(order.id).find((each) => each.key === `${key} `)',
  },
  'a refund of money forgets the points': {
    file: `${DOMAIN}/refund/refund.ts`,
    within: 'stepAfter',
    search: "if ((done === null || done === 'MONEY') && points > 0n) return",
    replace: 'if (done === null && points > 0n) return',
  },
  'a result of a refund step that is reported twice does the next step, too': {
    file: `${DOMAIN}/refund/refund.ts`,
    within: 'refundStepDone',
    search:
      'if (found?.step !== step) return unchanged(order, { refund: found });\n  const after = work.saveRefund({ ...found, ...stepFields(work, stepAfter(found, step)) });',
    replace:
      'if (!found?.step) return unchanged(order, { refund: found });\n  const after = work.saveRefund({ ...found, ...stepFields(work, stepAfter(found, found.step)) });',
  },
  'the coupon of a refunded order stays used': {
    file: `${DOMAIN}/refund/refund.ts`,
    within: 'refund',
    search: 'const restoresCoupon = isWhole && order.couponId !== null;',
    replace: 'const restoresCoupon = false;',
  },
  'an order that is being paid times out': {
    file: `${DOMAIN}/cancellation/expiry.ts`,
    within: 'timeOut',
    search: '!isAwaitingPayment(order)',
    replace: "order.state.status !== 'RESERVED'",
  },
  'an order that is being paid is cancelled': {
    file: `${DOMAIN}/cancellation/cancel.ts`,
    within: 'cancel',
    search: 'if (state.step !== null)',
    replace: "if (state.step === 'TAKE_MONEY')",
  },
  'a payment that gave way still waits': {
    file: `${DOMAIN}/payment/pay.ts`,
    within: 'pay',
    search:
      "failPendingPayments(work, order, refuse('ORDER_NOT_PAYABLE', { reason: 'another payment took its place' }));",
    replace: '',
  },
  'news of a payment that cannot be written down are taken for heard': {
    file: `${APPLICATION}/payment/on-payment.ts`,
    within: 'onPayment',
    search: '=> applyResults(orderId, results)))',
    replace: '=> applyResults(orderId, results).catch(() => {})))',
  },
  'the estimate of the time follows a jump of the wall clock': {
    file: ESTIMATE,
    within: 'clockEstimate',
    search: 'Math.floor(last.databaseMs + passedMs)',
    replace: 'Math.floor(wall() + last.offsetMs)',
  },
  'an estimate is trusted after a clock jumped': {
    file: ESTIMATE,
    within: 'clockEstimate',
    search: 'return !isSuspect && monotonic()',
    replace: 'return monotonic()',
  },
  'a sample counts during which the machine was suspended': {
    file: ESTIMATE,
    within: 'sampleOf',
    search: 'if (Math.abs(wall() - sent.wallMs - tookMs) > JUMP_MS) return undefined;',
    replace: '',
    // Few seeds show it.
    tests: ['test/simulation/checkout.test.ts', 'src/platform/postgres/clock-estimate.test.ts'],
  },
  'points are decided by a wrong estimate of the time': {
    file: 'src/contexts/point/application/point-ledger.ts',
    within: 'requireOnTime',
    search: 'if (Math.abs(storeMs - nowMs) <= TIME_ERROR_MAX_MS) return;',
    replace: 'return;',
  },
  "time sales end by the node's wall clock": {
    file: `${APPLICATION}/time-sale/apply-due-transitions.ts`,
    within: 'applyTimeSaleTransitions',
    search: 'windows.applyDueTransitions(await now(), BATCH)',
    replace: 'windows.applyDueTransitions(Date.now(), BATCH)',
  },
  'a read-only session is taken for a bad command': {
    file: 'src/platform/postgres/failures.ts',
    within: 'STALE_SESSION',
    search: "new Set(['25006', IN_FAILED_TRANSACTION",
    replace: 'new Set([IN_FAILED_TRANSACTION',
  },
  'a lost COMMIT is taken for one that did not happen': {
    file: 'src/platform/postgres/lost-commit.ts',
    within: 'settleLostCommit',
    search: 'if (wasCommitted) return result;',
    replace: '',
  },
  'a lost COMMIT is taken for one that happened when the question is not answered': {
    file: 'src/platform/postgres/lost-commit.ts',
    within: 'settleLostCommit',
    search: "throw new OutcomeUnknown('the outcome of a COMMIT could not be read from PostgreSQL', { cause: error });",
    replace: 'return result;',
  },
  'a coupon stays reserved for an order that ended before the answer to its reservation': {
    file: `${DOMAIN}/cancellation/ending.ts`,
    within: 'beginEnding',
    search: 'if (order.couponId !== null) return moveToStep(',
    replace: "if (order.couponId !== null && was === 'RESERVED') return moveToStep(",
  },
  'an order that is placed again is another one': {
    file: `${DOMAIN}/placement/place.ts`,
    within: 'place',
    search: 'work.findByIdempotencyKey(userId, key)',
    replace: 'work.findByIdempotencyKey(userId, `${key} `)',
  },
  'money for a charge whose time was over is kept': {
    file: `${POINT}/charges/charge-results.ts`,
    within: 'ownMoney',
    search: "refundMoney(work, saved, result, { amount: result.amount, reason: 'NOT_AWAITED' });",
    replace: '',
  },
  'a payment that is reported again goes back though its points were credited': {
    file: `${POINT}/charges/charge-results.ts`,
    within: 'ownMoney',
    search: " || 'transactionId' in charge.state",
    replace: '',
  },
  'points of a paid charge are taken back without its money': {
    file: `${POINT}/postings/cancel.ts`,
    within: 'reverseCredit',
    search: "if (source.chargeId !== undefined) refundCharge(work, source.chargeId, command.reason ?? 'CANCELLED');",
    replace: '',
  },
  'a refund of an order that is known before its payment is forgotten': {
    file: `${POINT}/earnings/earn-with-order.ts`,
    within: 'orderRefunded',
    search: 'work.saveEarning(after);',
    replace: '',
  },
};

export const SIMULATION_BUGS: readonly PlantedBug[] = Object.entries(MUTATIONS).map(([name, mutation]) => ({
  tests: ['test/simulation/checkout.test.ts'],
  ...mutation,
  name: `simulation: ${name}`,
}));
