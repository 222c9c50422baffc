import type { LifecycleDecision } from '../../src/contexts/coupon/domain/lifecycle/lifecycle-decision.ts';
import type { MemoryState } from '../../src/contexts/coupon/test/memory/state.ts';
import type { OrderDecision } from '../../src/contexts/order/domain/decision.ts';
import type { TimeSale } from '../../src/contexts/order/domain/time-sale/time-sale.ts';
import type { MemoryOrders } from '../../src/contexts/order/test/memory/order-store.ts';
import { needOf, type PointCommand } from '../../src/contexts/point/domain/command.ts';
import type { LedgerDecision } from '../../src/contexts/point/domain/decision.ts';
import type { Lot } from '../../src/contexts/point/domain/lots/lot.ts';
import type { Refusal } from '../../src/platform/kernel/refusal.ts';

/** How far from the database's clock a decision may be. */
export const TOLERANCE_MS = 2_000;

// By the database's clock nothing ends before its time, nothing is refused that was in time, and nothing is taken after its end.
// These look at times and at nothing that decides: each holds after every commit.

/** `nowMs`: what the database's clock showed at the commit. */
export function orderTimeProblems(
  { outcomes, newOrders, changedOrders }: OrderDecision,
  { timeSales }: MemoryOrders,
  nowMs: number,
): string[] {
  const problems: string[] = [];
  for (const { id, state, expiresAtMs } of [...newOrders, ...changedOrders]) {
    const isExpired = 'ending' in state && state.ending.status === 'EXPIRED';
    if (isExpired) problems.push(...endedEarly(`order ${id}`, expiresAtMs, nowMs));
  }
  for (const { id, lines } of newOrders) {
    for (const { timeSaleId } of lines) {
      const sale = timeSaleId === null ? undefined : timeSales.get(timeSaleId);
      if (!sale || isAround(sale, nowMs, TOLERANCE_MS)) continue;
      problems.push(`order ${id} bought of time sale ${sale.id} outside of its window`);
    }
  }
  for (const outcome of outcomes) {
    if (outcome.kind !== 'refused') continue;
    problems.push(...refusedInTime(outcome.refusal, nowMs));
    const sale = timeSales.get(BigInt(outcome.refusal.details.timeSaleId ?? 0));
    if (outcome.refusal.code === 'TIME_SALE_NOT_ACTIVE' && sale && isAround(sale, nowMs, -TOLERANCE_MS))
      problems.push(`time sale ${sale.id} was refused within its window`);
  }
  return problems;
}

export function saleTimeProblems({ id, announced, startsAtMs, endsAtMs }: TimeSale, nowMs: number): string[] {
  if (announced === 'ENDED') return endedEarly(`time sale ${id}`, endsAtMs, nowMs);
  return announced === 'STARTED' ? endedEarly(`the time before time sale ${id}`, startsAtMs, nowMs) : [];
}

export function couponTimeProblems(
  { outcomes, steps, reservations }: LifecycleDecision,
  { coupons }: MemoryState,
  nowMs: number,
): string[] {
  const problems: string[] = [];
  for (const { kind, coupon } of steps) {
    const expiresAtMs = coupons.get(coupon.id)?.issued.expiresAtMs ?? 0;
    if (kind === 'EXPIRED') problems.push(...endedEarly(`coupon ${coupon.id}`, expiresAtMs, nowMs));
    if (kind === 'RESERVED' && nowMs >= expiresAtMs + TOLERANCE_MS)
      problems.push(`coupon ${coupon.id} was reserved after its end`);
  }
  for (const { id, status, expiresAtMs } of reservations) {
    if (status === 'EXPIRED') problems.push(...endedEarly(`reservation ${id}`, expiresAtMs, nowMs));
  }
  for (const outcome of outcomes) {
    if (outcome.kind === 'refused') problems.push(...refusedInTime(outcome.refusal, nowMs));
  }
  return problems;
}

/** `lots`: all as they were before. A return may prolong a lot in the same transaction. */
export function pointTimeProblems(
  commands: readonly PointCommand[],
  { outcomes, postings, holds, newLots, changedLots, charges }: LedgerDecision,
  lots: ReadonlyMap<bigint, Lot>,
  nowMs: number,
): string[] {
  const problems: string[] = [];
  const after = new Map([...newLots, ...changedLots].map((lot) => [lot.id, lot]));
  const ends = (id: bigint) =>
    [lots.get(id), after.get(id)].flatMap((lot) => (lot === undefined ? [] : [lot.expiresAtMs]));
  for (const { transaction, from, moves } of postings) {
    for (const { lotId, amount } of moves) {
      if (transaction.type === 'EXPIRE') problems.push(...endedEarly(`lot ${lotId}`, Math.min(...ends(lotId)), nowMs));
      else if (from === 'USER' && amount < 0n && nowMs >= Math.max(...ends(lotId)) + TOLERANCE_MS)
        problems.push(`points of lot ${lotId} were taken after its end`);
    }
  }
  for (const { id, state, expiresAtMs } of charges) {
    if (state.status === 'EXPIRED') problems.push(...endedEarly(`charge ${id}`, expiresAtMs, nowMs));
  }
  for (const [place, command] of commands.entries()) {
    // It takes from the lot of its charge alone.
    if (command.kind === 'CANCEL') continue;
    const outcome = outcomes[place];
    const isAlone = commands.every(({ userId }, other) => other === place || userId !== command.userId);
    if (!isAlone || outcome?.kind !== 'refused' || outcome.replayed) continue;
    if (outcome.refusal.code !== 'INSUFFICIENT_POINTS') continue;
    // One that was refused before stays refused, whatever came in since.
    if (command.kind === 'SPEND' && !holds.some(({ orderId }) => orderId === command.orderId)) continue;
    const inTime = [...lots.values()].filter(({ userId, expiresAtMs, availableAtMs }) => {
      const isOpen = availableAtMs === null || nowMs >= availableAtMs + TOLERANCE_MS;
      return userId === command.userId && isOpen && nowMs < expiresAtMs - TOLERANCE_MS;
    });
    const sum = inTime.reduce((total, { remaining }) => total + remaining, 0n);
    if (sum >= needOf(command))
      problems.push(`user ${command.userId} has ${sum} points, and was refused ${needOf(command)}`);
  }
  return problems;
}

const endedEarly = (name: string, endsAtMs: number, nowMs: number): string[] =>
  nowMs < endsAtMs - TOLERANCE_MS ? [`${name} ended ${endsAtMs - nowMs} ms before its time`] : [];

/** The refusals that say when the time was over. */
function refusedInTime({ code, details: { expiresAt } }: Refusal, nowMs: number): string[] {
  if (expiresAt === undefined) return [];
  const earlyMs = Date.parse(expiresAt) - nowMs;
  return earlyMs > TOLERANCE_MS ? [`${code} ${earlyMs} ms before the time`] : [];
}

const isAround = ({ startsAtMs, endsAtMs }: TimeSale, nowMs: number, byMs: number): boolean =>
  nowMs >= startsAtMs - byMs && nowMs < endsAtMs + byMs;
