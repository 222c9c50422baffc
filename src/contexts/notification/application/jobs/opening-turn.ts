import { DAY_MS, MINUTE_MS } from '../../../../platform/kernel/durations.ts';
import { isRefusal, resultIn } from '../../../../platform/kernel/refusal.ts';
import { OPENING_KINDS } from '../../domain/notice-job.ts';
import type { Coupons, LeasedJob } from './ports.ts';

/** What a job does when it is its turn: it runs, waits, or is called off for a reason. */
export type Turn = { readonly runs: true } | { readonly waitsUntil: Date } | { readonly calledOff: string };

const RUNS: Turn = { runs: true };

/**
 * Asks the policy, once a job, whether what the notices say is still true: since the job was stored the policy may have been paused, suspended, moved
 * or ended. A policy that is paused or suspended is looked at again when an event says that it resumed
 * (start-jobs.ts), and now and then without one, the more seldom the longer it lasts.
 */
export async function turnOf(job: LeasedJob, coupons: Pick<Coupons, 'getPolicy'>, nowMs: number): Promise<Turn> {
  const { kind, subject, data } = job.notice;
  const isReminder = kind === 'POLICY_OPENING';
  if (job.done > 0 || !OPENING_KINDS.includes(kind)) return RUNS;
  const policy = resultIn(await coupons.getPolicy({ policyId: BigInt(subject) }));
  if (isRefusal(policy) || policy.status === 'ENDED') return { calledOff: 'The policy has ended.' };
  const opensMs = policy.terms?.validFrom?.getTime() ?? 0;
  if (isReminder && opensMs <= nowMs) return { calledOff: 'The policy has opened already.' };
  // The time to which it was moved has a reminder of its own.
  if (isReminder && opensMs !== Date.parse(data['opensAt'] ?? ''))
    return { calledOff: 'The policy opens at another time.' };
  if (policy.suspensionReason !== undefined || policy.status === 'PAUSED') return { waitsUntil: nextLook(job, nowMs) };
  return isReminder || opensMs <= nowMs ? RUNS : { waitsUntil: new Date(opensMs) };
}

/** After a tenth of the time since the first look: at least a minute, at most a day. */
function nextLook({ startedAt }: LeasedJob, nowMs: number): Date {
  const lookedMs = nowMs - (startedAt?.getTime() ?? nowMs);
  return new Date(nowMs + Math.min(Math.max(lookedMs / 10, MINUTE_MS), DAY_MS));
}
