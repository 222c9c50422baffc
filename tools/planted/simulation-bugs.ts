import type { PlantedBug } from './bugs.ts';

const DOMAIN = 'src/contexts/order/domain';
const APPLICATION = 'src/contexts/order/application';

const ESTIMATE = 'src/platform/postgres/clock-estimate.ts';

type Mutation = Omit<PlantedBug, 'name' | 'tests' | 'only'> & Partial<Pick<PlantedBug, 'tests'>>;

/** What shows when processes die, stand still and hear late: each breaks what some seed of the simulation adds up. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'a late refusal to hold points is taken for one to capture them': {
    file: `${DOMAIN}/checkout-steps.ts`,
    within: 'pointsRefused',
    search: "order.state.step === 'HOLD_POINTS' ? moved(end(",
    replace: "order.state.step === 'HOLD_POINTS' || order.state.step === 'CAPTURE_POINTS' ? moved(end(",
    // One of ten thousand seeds shows it.
    tests: ['test/simulation/checkout.test.ts', `${DOMAIN}/checkout.test.ts`],
  },
  'a refund waits for a coupon that came back unheard and was used again': {
    file: `${APPLICATION}/perform-step.ts`,
    within: 'isRestored',
    search: "if (refusalIn(answer)?.code !== 'RESERVATION_CONFLICT') mustNotRefuse(answer);",
    replace: 'mustNotRefuse(answer);',
  },
  'points of a refused payment may be spent late': {
    file: 'src/contexts/point/domain/order-steps.ts',
    within: 'spend',
    search: "if (!present) release(desk, { kind: 'RELEASE', userId, orderId });",
    replace: '',
  },
  'the coupon of an order that was never paid comes back only when its policy says so': {
    file: `${APPLICATION}/perform-step.ts`,
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
    file: 'src/contexts/point/domain/order-steps.ts',
    within: 'release',
    search: "return set(desk, { userId, orderId, amount: 0n, transactionId: null, state: { status: 'RELEASED' } });",
    replace: "return held({ userId, orderId, amount: 0n, transactionId: null, state: { status: 'RELEASED' } });",
  },
  'points whose hold was refused are not released': {
    file: `${DOMAIN}/checkout-ending.ts`,
    within: 'end',
    search: 'if (order.pointsUsed > 0n) return',
    replace: "if (order.pointsUsed > 0n && was === 'RESERVED') return",
  },
  'more than the total pays, and the rest is kept': {
    file: `${DOMAIN}/money.ts`,
    within: 'moneyIn',
    search: 'if (amount !== total) {',
    replace: 'if (amount < total) {',
  },
  'the money of an order whose coupon is lost is kept': {
    file: `${DOMAIN}/checkout-steps.ts`,
    within: 'fail',
    search: 'const back = giveMoneyBack(desk, payment, why.code);',
    replace: 'const back = { payment };',
  },
  'a refund with the same key is made once more': {
    file: `${DOMAIN}/refund.ts`,
    within: 'refund',
    search: 'desk.refunds(order.id).find((each) => each.key === key)',
    replace: 'desk.refunds(order.id).find((each) => each.key === `${key} `)',
  },
  'a refund of money forgets the points': {
    file: `${DOMAIN}/refund.ts`,
    within: 'nextStep',
    search: "if ((done === null || done === 'MONEY') && points > 0n) return",
    replace: 'if (done === null && points > 0n) return',
  },
  'a step of a refund that is told twice does the next one, too': {
    file: `${DOMAIN}/refund.ts`,
    within: 'refundStep',
    search:
      'if (found?.step !== step) return same(order, { refund: found });\n  const after = desk.keepRefund({ ...found, ...atStep(desk, nextStep(found, step)) });',
    replace:
      'if (!found?.step) return same(order, { refund: found });\n  const after = desk.keepRefund({ ...found, ...atStep(desk, nextStep(found, found.step)) });',
  },
  'the coupon of a refunded order stays used': {
    file: `${DOMAIN}/refund.ts`,
    within: 'refund',
    search: 'const restoresCoupon = whole && order.couponId !== null;',
    replace: 'const restoresCoupon = false;',
  },
  'an order that is being paid times out': {
    file: `${DOMAIN}/checkout-ending.ts`,
    within: 'timeOut',
    search: "const waits = order.state.status === 'RESERVED' && order.state.step === null;",
    replace: "const waits = order.state.status === 'RESERVED';",
  },
  'an order that is being paid is cancelled': {
    file: `${DOMAIN}/checkout-ending.ts`,
    within: 'cancel',
    search: 'if (state.step !== null)',
    replace: "if (state.step === 'TAKE_MONEY')",
  },
  'a payment that gave way still waits': {
    file: `${DOMAIN}/pay.ts`,
    within: 'pay',
    search: "dropPayment(desk, order, refusal('ORDER_NOT_PAYABLE', { reason: 'another payment took its place' }));",
    replace: '',
  },
  'news of a payment that cannot be written down are taken for heard': {
    file: `${APPLICATION}/on-payment.ts`,
    within: 'onPayment',
    search: '=> hear(orderId, news)))',
    replace: '=> hear(orderId, news).catch(() => {})))',
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
    file: `${APPLICATION}/turn-time-sales.ts`,
    within: 'turnTimeSales',
    search: 'windows.turn(await now(), BATCH)',
    replace: 'windows.turn(Date.now(), BATCH)',
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
    file: `${DOMAIN}/checkout-ending.ts`,
    within: 'end',
    search: 'if (order.couponId !== null) return toStep(',
    replace: "if (order.couponId !== null && was === 'RESERVED') return toStep(",
  },
  'an order that is placed again is another one': {
    file: `${DOMAIN}/place.ts`,
    within: 'place',
    search: 'desk.placedWith(userId, key)',
    replace: 'desk.placedWith(userId, `${key} `)',
  },
};

export const SIMULATION_BUGS: readonly PlantedBug[] = Object.entries(MUTATIONS).map(([name, mutation]) => ({
  tests: ['test/simulation/checkout.test.ts'],
  ...mutation,
  name: `simulation: ${name}`,
}));
