import type { PlantedBug } from './bugs.ts';

const POINT = 'src/contexts/point';
const STORE_TEST = [`${POINT}/test/point-store.int.test.ts`];
const CANCEL = `${POINT}/domain/postings/cancel.ts`;

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
];
