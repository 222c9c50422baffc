import type { BatcherDeps } from '../../platform/batching/batcher.ts';
import type { ContextDeps } from '../../platform/context.ts';
import type { Topics } from '../../platform/events/topic.ts';
import type { Monotonic } from '../../platform/kernel/moment.ts';
import { createNotifier } from '../../platform/kernel/notifier.ts';
import type { StoreChecks } from '../store/api.ts';
import { postgresCodeReader } from './adapters/postgres/codes/code-reader.ts';
import { postgresCodeStore } from './adapters/postgres/codes/code-store.ts';
import { postgresPolicyStore } from './adapters/postgres/policy/policy-store.ts';
import { postgresPolicyWindows } from './adapters/postgres/policy/policy-windows.ts';
import { postgresStoreClosings } from './adapters/postgres/policy/store-closings.ts';
import { codeFinder } from './application/codes/code-finder.ts';
import { listCodes } from './application/codes/list-codes.ts';
import type { CodeClaims } from './application/codes/ports.ts';
import { redeemCode } from './application/codes/redeem-code.ts';
import { sharedCodes } from './application/codes/shared-codes.ts';
import { validateCode } from './application/codes/validate-code.ts';
import { onTrigger, TRIGGERS_CONSUMER } from './application/issue/on-trigger.ts';
import { changePolicyStatus } from './application/policy/change-policy-status.ts';
import { clonePolicy } from './application/policy/clone-policy.ts';
import { createPolicy } from './application/policy/create-policy.ts';
import { CLOSING_TOPICS, CLOSINGS_CONSUMER, onStoreClosed } from './application/policy/on-store-closed.ts';
import { policyEvents, statusEvents } from './application/policy/policy-events.ts';
import type { PolicyOfEvents } from './application/policy/ports.ts';
import { getPolicy, getStock, listPolicies } from './application/policy/read-policies.ts';
import { setQuantity } from './application/policy/set-quantity.ts';
import { triggersOf } from './application/policy/trigger.ts';
import { updatePolicy } from './application/policy/update-policy.ts';
import { openAndEndPolicies } from './application/scheduled/open-and-end-policies.ts';
import type { PolicyStatus } from './domain/enumerations.ts';
import type { Issuing } from './issuing.ts';

interface PoliciesDeps extends ContextDeps<typeof CLOSINGS_CONSUMER | typeof TRIGGERS_CONSUMER> {
  readonly monotonic: Monotonic;
  readonly batching: BatcherDeps;
  readonly stores: StoreChecks;
  readonly issuing: Issuing;
  readonly codeClaims: CodeClaims;
  readonly topics: Topics;
  readonly onEvents: () => void;
}

/** Policies, their codes, and what opens, ends and triggers them. */
export type Policies = ReturnType<typeof createPolicies>;

export function createPolicies(deps: PoliciesDeps) {
  const { database, bus, clock, monotonic, nextId, batching, stores, codeClaims, topics, onEvents } = deps;
  const { issue, refusalCache, resultLookup } = deps.issuing;
  const policiesChanged = createNotifier();
  const codeReader = postgresCodeReader(database);
  const codes = codeFinder({ ...batching, reader: codeReader, monotonic });
  const store = postgresPolicyStore({
    database,
    nextId,
    eventsOf: policyEvents,
    onEvents() {
      codes.invalidate();
      onEvents();
      policiesChanged.notify();
    },
  });
  const codeStore = postgresCodeStore(database, codeReader, codeClaims, codes.invalidate);
  const triggers = triggersOf(topics);
  if (triggers.size > 0) bus.subscribe(TRIGGERS_CONSUMER, [...triggers.keys()], onTrigger(store, issue));
  const shared = sharedCodes(codeClaims);
  const creation = { policies: store, sharedCodes: shared, stores, resultLookup, clock, nextId, triggers };
  const changes = { store, stores, refusalCache, clock };
  const transitions = {
    database,
    nextId,
    eventsOf: (policy: PolicyOfEvents, status: PolicyStatus) => statusEvents(policy, [status]),
    onEvents,
  };
  bus.subscribe(CLOSINGS_CONSUMER, CLOSING_TOPICS, onStoreClosed(postgresStoreClosings(transitions), refusalCache));
  return {
    store,
    codes,
    codeStore,
    api: {
      createPolicy: createPolicy(creation),
      clonePolicy: clonePolicy(creation),
      getPolicy: getPolicy(store, clock),
      listPolicies: listPolicies(store, clock),
      updatePolicy: updatePolicy(changes, shared, triggers),
      changePolicyStatus: changePolicyStatus(changes),
      setQuantity: setQuantity(changes),
      getStock: getStock(store, clock),
      redeemCode: redeemCode(codes, issue, resultLookup),
      validateCode: validateCode(codes, clock),
      listCodes: listCodes({ policies: store, stores }, codeReader),
    },
    scheduled: openAndEndPolicies({
      windows: postgresPolicyWindows(transitions),
      refusalCache,
      now: database.readTime,
      changed: policiesChanged,
    }),
  };
}
