import { DAY_MS, HOUR_MS } from '../../../src/platform/kernel/durations.ts';
import type { Arrival } from './mail.ts';
import type { World } from './processes.ts';
import { USERS, ZONES } from './shop.ts';
import type { Since } from './tables.ts';

/** Of one user, by the law and by the rules of the shop. */
const MESSAGES_MAX = [
  { periodMs: DAY_MS, max: 2 },
  { periodMs: 7 * DAY_MS, max: 5 },
];
const NIGHT = { from: '21:00', until: '08:00' };

/**
 * Marketing leaves with consent, by the choices of its user, not at night and not too often: as of some moment between the claim and the decision that it
 * leaves. It does leave where all of that allowed it the whole time.
 */
export function marketingProblems(world: World): readonly string[] {
  const marketing = world.mail.arrivals.filter(({ kind }) => kind === 'ANNOUNCEMENT');
  return [
    ...marketing.flatMap((arrival) => untimely(world, arrival)),
    ...USERS.flatMap((userId) => tooMany(userId, marketing)),
    ...USERS.filter((userId) => isAlwaysWanted(world, userId)).flatMap((userId) => missing(world, userId)),
  ];
}

function untimely({ shop, tables }: World, { key, userId, begun }: Arrival): readonly string[] {
  const wasThere = <Value>(all: readonly Since<Value>[] | undefined, holds: (value: Value) => boolean) =>
    all?.some(({ fromMs, value }, place) => {
      const untilMs = all[place + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
      return fromMs <= begun.atMs && untilMs >= begun.claimedMs && holds(value);
    });
  const problems: string[] = [];
  if (!wasThere(shop.consents.get(userId), (isGiven) => isGiven)) problems.push(`${key} left without consent`);
  const unchosen = { timezone: null, quietHours: null, enabled: new Map<string, boolean>(), language: null };
  const choices = [{ fromMs: shop.startMs, value: unchosen }, ...(tables.choices.get(userId) ?? [])];
  const mayLeave = wasThere(choices, ({ timezone, quietHours, enabled }) => {
    const isQuiet = [NIGHT, quietHours].some((hours) => hours !== null && isWithin(hours, timezone, begun.atMs));
    return !isQuiet && enabled.get('ANNOUNCEMENT EMAIL') !== false;
  });
  if (!mayLeave) problems.push(`${key} left at ${new Date(begun.atMs).toISOString()}, against the choices or at night`);
  return problems;
}

function tooMany(userId: bigint, marketing: readonly Arrival[]): readonly string[] {
  const own = marketing.filter((arrival) => arrival.userId === userId);
  const times = new Map(own.map(({ begun: { messageId, atMs } }) => [messageId, atMs]));
  return [...times.values()].flatMap((firstMs) =>
    MESSAGES_MAX.flatMap(({ periodMs, max }) => {
      const count = [...times.values()].filter((atMs) => atMs >= firstMs && atMs < firstMs + periodMs).length;
      return count > max ? [`user ${userId} got ${count} messages of marketing within ${periodMs / HOUR_MS} h`] : [];
    }),
  );
}

function isAlwaysWanted({ shop, tables }: World, userId: bigint): boolean {
  const consents = shop.consents.get(userId) ?? [];
  return consents.every(({ value }) => value) && !tables.choices.has(userId) && !shop.isDeleted(userId);
}

function missing({ tables }: World, userId: bigint): readonly string[] {
  const own = (kind: string) => kind === 'ANNOUNCEMENT';
  const states = new Map([...tables.deliveries].map(([key, { state }]) => [key, state]));
  return [...tables.notices]
    .filter(([, notice]) => notice.userId === userId && own(notice.kind))
    .filter(([key]) => !['SENT', 'UNKNOWN'].includes(states.get(`${key} EMAIL`) ?? ''))
    .map(([key]) => `${key} was wanted, and its delivery is ${states.get(`${key} EMAIL`) ?? 'missing'}`);
}

/** Hours over midnight, or not, by the clock of a time zone. */
function isWithin(
  hours: { readonly from: string; readonly until: string },
  zone: string | null,
  atMs: number,
): boolean {
  const aheadMs = (ZONES.get(zone) ?? 0) * HOUR_MS;
  const time = new Date(atMs + aheadMs).toISOString().slice(11, 16);
  const isAfter = time >= hours.from;
  const isBefore = time < hours.until;
  return hours.from <= hours.until ? isAfter && isBefore : isAfter || isBefore;
}
