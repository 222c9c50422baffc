import { DAY_MS, MINUTE_MS } from '../../../../platform/kernel/durations.ts';
import { isRefusal, resultIn } from '../../../../platform/kernel/refusal.ts';
import { isOfOwner, OPENING_KINDS } from '../../domain/notice-job.ts';
import type { Accounts, Coupons, LeasedJob, Stores } from './ports.ts';

/** What becomes of a job that is due: it runs, waits, or is called off for a reason. */
export type JobDecision = { readonly runs: true } | { readonly waitsUntil: Date } | { readonly calledOff: string };

export interface DecisionDeps {
  readonly coupons: Pick<Coupons, 'getPolicy'>;
  readonly stores: Pick<Stores, 'checkStore'>;
  readonly accounts: Accounts;
}

const RUNS: JobDecision = { runs: true };

/**
 * Asks the policy, once a job, whether what the notices say is still true: since the job was stored the policy may have been paused, suspended, moved
 * or ended. A policy that is paused or suspended is looked at again when an event says that it resumed
 * (store-jobs.ts), and now and then without one, the more seldom the longer it lasts.
 */
export async function decideJob(
  job: LeasedJob,
  { coupons, stores, accounts }: DecisionDeps,
  nowMs: number,
): Promise<JobDecision> {
  const { kind, subject, data } = job.notice;
  if (job.done > 0) return RUNS;
  if (isOfOwner(job)) return await decideAnnouncement(job, { stores, accounts });
  const isReminder = kind === 'POLICY_OPENING';
  if (!OPENING_KINDS.includes(kind)) return RUNS;
  const policy = resultIn(await coupons.getPolicy({ policyId: BigInt(subject) }));
  if (isRefusal(policy) || policy.status === 'ENDED') return { calledOff: 'The policy has ended.' };
  const opensMs = policy.terms?.validFrom?.getTime() ?? 0;
  if (isReminder && opensMs <= nowMs) return { calledOff: 'The policy has opened already.' };
  // The time to which it was moved has a reminder of its own.
  if (isReminder && opensMs !== Date.parse(data['opensAt'] ?? ''))
    return { calledOff: 'The policy opens at another time.' };
  if (!isReminder && opensMs > nowMs) return { waitsUntil: new Date(opensMs) };
  if (policy.suspensionReason === undefined && policy.status !== 'PAUSED') return RUNS;
  const firstMs = job.startedAt?.getTime() ?? nowMs;
  return { waitsUntil: nextLook(isReminder ? firstMs : Math.max(firstMs, opensMs), nowMs) };
}

/**
 * What an owner has announced is not sent after the store has closed, or the owner was locked or deleted: they may not announce any more. An owner with no
 * account here has a login of the shop's own.
 */
async function decideAnnouncement(
  { audience, createdBy }: LeasedJob,
  { stores, accounts }: Pick<DecisionDeps, 'stores' | 'accounts'>,
): Promise<JobDecision> {
  const userIds = createdBy === null ? [] : [createdBy];
  const [standing, { contacts, unknownUserIds }] = await Promise.all([
    stores.checkStore({ storeId: audience.id ?? 0n }).then(resultIn),
    accounts.getContacts({ userIds }),
  ]);
  if (isRefusal(standing) || !standing.isOpen) return { calledOff: 'The store is not open.' };
  const isBlocked = contacts.length + unknownUserIds.length < userIds.length;
  return isBlocked ? { calledOff: 'The account of the owner is locked or deleted.' } : RUNS;
}

/** After a tenth of the time that it has waited: at least a minute, at most a day. */
function nextLook(sinceMs: number, nowMs: number): Date {
  const lookedMs = nowMs - sinceMs;
  return new Date(nowMs + Math.min(Math.max(lookedMs / 10, MINUTE_MS), DAY_MS));
}
