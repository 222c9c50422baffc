import type { PlantedBug } from './bugs.ts';

const REPLICA = 'src/platform/postgres/replica.ts';
const REPLICA_TEST = ['src/platform/postgres/replica.int.test.ts'];
const SERVER_TEST = ['test/gateway/read-replica.int.test.ts'];

/** In which reads go to a read replica, and when none does. */
export const REPLICA_BUGS: readonly PlantedBug[] = [
  {
    name: 'replica: one that is behind is used',
    file: REPLICA,
    within: 'openReplica.isUsed',
    search: ' && behindMs() < BEHIND_MAX_MS',
    replace: '',
    tests: REPLICA_TEST,
    only: 'is passed by after that until it has caught up',
  },
  {
    name: 'replica: a beat has the time of its commit',
    file: REPLICA,
    within: 'openReplica.isShown',
    search: 'shownMs = Math.max(shownMs, rows[0]?.sent_ms ?? shownMs);',
    replace: 'shownMs = rows[0] === undefined ? shownMs : monotonic();',
    tests: REPLICA_TEST,
    only: 'is passed by after that until it has caught up',
  },
  {
    name: 'replica: a read that fails there fails',
    file: REPLICA,
    within: 'openReplica.readerWhen',
    search: 'catch {',
    replace: 'catch (error) { throw error;',
    tests: REPLICA_TEST,
    only: 'cancels for what it has to apply',
  },
  {
    name: 'replica: an export does not wait for it',
    file: REPLICA,
    within: 'openReplica',
    search: 'complete: readerWhen(catchesUp)',
    replace: 'complete: readerWhen(isUsed)',
    tests: REPLICA_TEST,
    only: 'an export has what was committed before it',
  },
  {
    name: 'replica: one that was away is never used again',
    file: REPLICA,
    within: 'openReplica.isShown',
    search: 'lost = undefined;',
    replace: '',
    tests: REPLICA_TEST,
    only: 'is frozen is passed by',
  },
  {
    name: 'replica: one without a response is tried by every read',
    file: REPLICA,
    within: 'openReplica.onReplica',
    search: 'if (!isServerError(error)) lost = toError(error);',
    replace: 'toError(error);',
    tests: REPLICA_TEST,
    only: 'is frozen is passed by',
  },
  {
    name: 'replica: a process that stops leaves its beat',
    file: REPLICA,
    within: 'openReplica',
    search: 'await vital.query(FORGET, [reader]).catch(() => undefined);',
    replace: '',
    tests: REPLICA_TEST,
    only: 'leaves no beat behind',
  },
  {
    name: 'replica: managers get old lists',
    file: 'src/gateway/auth/principal.ts',
    within: 'mayLag',
    search: '!isManager(principal?.role)',
    replace: 'principal !== null',
    tests: SERVER_TEST,
    only: 'is read on the primary for those who change it',
  },
  {
    name: 'replica: an export is read like a list',
    file: 'src/contexts/coupon/application/queries/list-policy-coupons.ts',
    within: 'listPolicyCoupons',
    search: 'isExport: limit > PAGE_MAX',
    replace: 'isExport: limit > EXPORT_PAGE_MAX',
    tests: SERVER_TEST,
    only: 'an export contains the coupon',
  },
  {
    name: 'replica: an audit that fails there is not repeated',
    file: 'src/app/audits/audited-replicas.ts',
    within: 'onReplicas',
    search: 'return await audit(databases);',
    replace: 'throw error;',
    tests: SERVER_TEST,
    only: 'an audit that fails on the replica is repeated',
  },
];
