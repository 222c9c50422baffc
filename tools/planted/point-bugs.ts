import type { PlantedBug } from './bugs.ts';

const POINT = 'src/contexts/point';
const STORE_TEST = [`${POINT}/test/point-store.int.test.ts`];
const CANCEL = `${POINT}/domain/postings/cancel.ts`;
const RESULTS = `${POINT}/domain/charges/charge-results.ts`;
const CHARGES_TEST = [`${POINT}/test/charges.int.test.ts`];

/** In what users owe, and in charges that are paid for. */
export const POINT_BUGS: readonly PlantedBug[] = [
  {
    name: 'points: a spent charge is cancelled, and owed by the user',
    file: CANCEL,
    within: 'reverseCredit',
    search: "|| (receivable > 0n && source.type === 'CHARGE')",
    replace: '',
    tests: STORE_TEST,
    only: 'the cancellation of a charge',
  },
  {
    name: 'points: expired points are owed by the user',
    file: CANCEL,
    within: 'reverseCredit',
    search: 'creditOf(source) - (lot?.expired ?? 0n)',
    replace: 'creditOf(source)',
    tests: STORE_TEST,
    only: 'books no expired points',
  },
  {
    name: 'points: what an earn repaid is forgiven when the earn is cancelled',
    file: CANCEL,
    within: 'reverseCredit',
    search: 'creditOf(source) -',
    replace: 'source.amount -',
    tests: STORE_TEST,
    only: 'points earned later repay',
  },
  {
    name: 'points: charged points repay what the user owes',
    file: `${POINT}/domain/postings/keyed-commands.ts`,
    within: 'charge',
    search: 'return credit(work, command, NEVER_EXPIRES)',
    replace:
      'return credit(work, command, NEVER_EXPIRES, -minOf(work.account(command.userId).receivable, command.amount))',
    tests: STORE_TEST,
    only: 'points earned later repay',
  },
  {
    name: 'charges: less money than the charge pays for it',
    file: RESULTS,
    within: 'refusalOf',
    search: 'if (paid !== amount)',
    replace: 'if (paid > amount)',
    tests: STORE_TEST,
    only: 'money of another amount',
  },
  {
    name: 'charges: money that comes too late is kept',
    file: RESULTS,
    within: 'ownMoney',
    search: "refundMoney(work, saved, { ...result, reference: OWN_PAYMENT, reason: 'NOT_AWAITED' });",
    replace: '',
    tests: STORE_TEST,
    only: 'money that arrives after the end',
  },
  {
    name: 'charges: a second payment goes back for each report of it',
    file: RESULTS,
    within: 'otherMoney',
    search: 'if (work.refundOf(charge.id, reference)) return chargeOutcome(charge);',
    replace: '',
    tests: STORE_TEST,
    only: 'money of a second payment',
  },
  {
    name: 'charges: no room is kept for open charges',
    file: `${POINT}/domain/ledger-unit-of-work.ts`,
    within: 'ledgerUnitOfWork',
    search: 'has + held + charging + amount',
    replace: 'has + held + amount',
    tests: STORE_TEST,
    only: 'room is kept for open charges',
  },
  {
    name: 'charges: the money of a cancelled charge is kept',
    file: CANCEL,
    within: 'reverseCredit',
    search: 'if (source.chargeId !== undefined)',
    replace: 'if (source.chargeId === -1n)',
    tests: STORE_TEST,
    only: 'the cancellation of a paid charge takes',
  },
  {
    name: 'charges: one of a lost batch counts as written',
    file: `${POINT}/adapters/postgres/ledger-store.ts`,
    within: 'wasCommitted',
    search: 'written.rowCount === charges.length + chargeRefunds.length',
    replace: 'written.rowCount !== null',
    tests: [`${POINT}/test/lost-commit.int.test.ts`],
    only: 'a charge that was opened',
  },
  {
    name: 'charges: nobody resumes refunds',
    file: `${POINT}/application/scheduled/resume-charges.ts`,
    within: 'resumeCharges',
    search: 'refundPayment(deps, refund)',
    replace: 'Promise.resolve(false)',
    tests: CHARGES_TEST,
    only: 'money that cannot be used goes back',
  },
  {
    name: 'charges: an owner gets points without paying',
    file: 'src/gateway/routes/point/point-moves.http.ts',
    within: 'pointMoveRoutes',
    search: 'isOperator(principal.role)',
    replace: "principal.role !== 'CUSTOMER'",
    tests: ['test/attacks/charges.int.test.ts'],
    only: 'an owner pays for points',
  },
];
