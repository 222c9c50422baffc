import { type CommandKey, executeOnce, Replay, type Responding } from '../../../../platform/kernel/command-key.ts';
import type { Principal } from '../../../../platform/kernel/contract.ts';
import { isRefusal, type Refusal, toRefusalResponse } from '../../../../platform/kernel/refusal.ts';
import type { StoreChecks } from '../../../store/api.ts';
import { type DirectIssueRequest, type DirectIssueResponse, type DirectIssueResult, stored } from '../../api.ts';
import type { IssueCommand, IssueOutcome } from '../../domain/issue/issue.ts';
import { refuse } from '../../refusals.ts';
import { policyManagerOf } from '../policy/policy-manager.ts';
import type { PolicyStore } from '../policy/ports.ts';
import type { CouponIssuer } from './issue-coupon.ts';
import type { ResultLookup } from './result-lookup.ts';

export const USERS_MAX = 10_000;

type Store = Pick<PolicyStore, 'find' | 'record' | 'conclude'>;

/**
 * Issues to a list of users, each decided separately. The request is recorded before the first coupon. A list takes
 * several transactions, so with a key each coupon stores the record's id and its row: a repeat issues only the missing
 * ones.
 */
export const directIssue =
  (
    store: Store,
    stores: StoreChecks,
    { issueAll }: Pick<CouponIssuer, 'issueAll'>,
    resultLookup: Pick<ResultLookup, 'find'>,
  ) =>
  async (request: DirectIssueRequest): Promise<DirectIssueResponse> => {
    const { principal, policyId, userIds, commandKey } = request;
    if (userIds.length < 1 || userIds.length > USERS_MAX) {
      return toRefusalResponse(refuse('VALIDATION_FAILED', { userIds: `must be 1 to ${USERS_MAX}` }));
    }
    // The record has the line of the audit log: it is there before the first coupon.
    const concludingKey = commandKey && { ...commandKey, audit: undefined };
    return await executeOnce(concludingKey, RESPONDING, async (idempotency) => {
      const replay = idempotency && (await resultLookup.find(idempotency.commandKey));
      if (replay) return replay;
      const manager = await policyManagerOf({ policies: store, stores }, principal, policyId, 'DIRECT');
      if (isRefusal(manager)) return manager;
      const recordId = await begin(store, manager, request);
      if (typeof recordId !== 'bigint') return recordId;
      const results = await issueRows(recordId);
      return idempotency ? await store.conclude(idempotency, results) : results;
    });

    async function issueRows(recordId: bigint): Promise<readonly DirectIssueResult[]> {
      const commands = userIds.map((userId, row): IssueCommand => {
        return { policyId, userId, issueMethod: 'DIRECT', eventId: commandKey && `direct-issue:${recordId}:${row}` };
      });
      const outcomes = await issueAll(commands);
      return outcomes.map((outcome, row) => toResult(userIds[row] ?? 0n, outcome));
    }
  };

type Results = readonly DirectIssueResult[];

const RESPONDING: Responding<Results | Refusal, DirectIssueResponse> = {
  type: stored.DirectIssueResponse,
  refused: toRefusalResponse,
  respond: (outcome) =>
    isRefusal(outcome) ? toRefusalResponse(outcome) : { outcome: { $case: 'results', value: { results: outcome } } },
};

/** Records the list, once for its key. The id of the record identifies the list in the coupons of its rows. */
async function begin(
  store: Store,
  manager: Principal,
  { policyId, userIds, issuedBy, commandKey }: DirectIssueRequest,
): Promise<bigint | Refusal> {
  const reason = `to ${userIds.length} users, requested by user ${manager.userId}`;
  const idempotency = commandKey && {
    commandKey: recordKey(commandKey),
    resultOf: (id: bigint) => Buffer.from(String(id)),
  };
  const recorded = await store.record(policyId, { kind: 'DIRECT_ISSUE', by: issuedBy, reason }, idempotency);
  if (!(recorded instanceof Replay)) return recorded;
  if (recorded.result === undefined) return refuse('IDEMPOTENCY_KEY_REUSED');
  return BigInt(Buffer.from(recorded.result).toString());
}

const recordKey = (commandKey: CommandKey): CommandKey => ({ ...commandKey, scope: `${commandKey.scope} (begun)` });

/** A row that was issued by an earlier attempt with the same key is a success, as it was then. */
function toResult(userId: bigint, outcome: IssueOutcome): DirectIssueResult {
  if (outcome.kind === 'issued') return { userId, couponId: outcome.coupon.couponId, code: undefined };
  const { code, details } = outcome.refusal;
  const { couponId } = details;
  return {
    userId,
    couponId: couponId === undefined ? undefined : BigInt(couponId),
    code: outcome.isRepeat ? undefined : code,
  };
}
