import { createHash } from 'node:crypto';
import type { Config } from './config.ts';
import type { Part, Target } from './parts.ts';

interface SharedSetting {
  /** The parts that use it. */
  readonly parts: readonly Part[] | 'all';
  /** What is compared, and shown in messages unless it is a digest. */
  readonly read: (config: Config) => string;
  readonly isDigest?: true;
  /** What happens while two processes differ. */
  readonly effect: string;
  /**
   * Refused: no process starts with another value, so a change stops every process. Logged: it may be changed process by process, because what a process does
   * meanwhile is right by one of the two values.
   */
  readonly ifDifferent: 'REFUSED' | 'LOGGED';
}

/** The variables that are no secrets and that all processes of a database have to share: two of them would disagree in money, time or identity. */
const SETTINGS = {
  CURRENCY: {
    parts: ['gateway', 'order'],
    read: ({ shop }) => shop.currency,
    effect: 'the currency of an order would depend on the process that takes it',
    ifDifferent: 'REFUSED',
  },
  STAMPEDE_TIME_ZONE: {
    parts: ['gateway', 'coupon', 'point', 'order', 'notification'],
    read: ({ shop }) => shop.timeZone,
    effect: 'when a day begins and ends would depend on the process',
    ifDifferent: 'REFUSED',
  },
  STAMPEDE_SANDBOX: {
    parts: 'all',
    read: ({ sandbox }) => (sandbox ? 'on' : 'off'),
    effect: 'the time would be moved for some requests and not for others',
    ifDifferent: 'REFUSED',
  },
  PAYMENT_PROVIDER: {
    parts: ['order'],
    read: ({ paymentProvider }) => paymentProvider,
    effect: 'some orders would be paid with the money of the sandbox; without NODE_ENV=production it is the default',
    ifDifferent: 'REFUSED',
  },
  JWT_ISSUERS: {
    parts: ['gateway'],
    read: issuersDigest,
    isDigest: true,
    effect:
      'whether a token of another issuer is accepted, and which role it has, depends on the process that gets the request',
    ifDifferent: 'LOGGED',
  },
  JWT_MAX_LIFETIME: {
    parts: ['gateway'],
    read: ({ jwtMaxLifetimeSeconds }) => String(jwtMaxLifetimeSeconds),
    effect: 'whether a token of another issuer is accepted depends on the process that gets the request',
    ifDifferent: 'LOGGED',
  },
  STAMPEDE_RESERVATION_MINUTES: {
    parts: ['coupon', 'order'],
    read: ({ reservationMinutes }) => String(reservationMinutes),
    effect: 'how long an order may stay unpaid depends on the process that takes it',
    ifDifferent: 'LOGGED',
  },
  POINT_BALANCE_MAX: {
    parts: ['point'],
    read: ({ pointBalanceMax }) => String(pointBalanceMax),
    effect: 'whether a charge is refused depends on the process that handles it',
    ifDifferent: 'LOGGED',
  },
  POINT_EARN_RATE_BP: {
    parts: ['point'],
    read: ({ pointEarnRateBp }) => String(pointEarnRateBp),
    effect: 'how many points an order earns depends on the process that handles it',
    ifDifferent: 'LOGGED',
  },
  POINT_EARN_DELAY_DAYS: {
    parts: ['point'],
    read: ({ pointEarnDelayDays }) => String(pointEarnDelayDays),
    effect: 'when the points of an order are available depends on the process that handles it',
    ifDifferent: 'LOGGED',
  },
} as const satisfies Readonly<Record<string, SharedSetting>>;

/** The settings that this process shares: `<variable>:<value>`. They stand beside the checks of its secrets, whose names are others. */
export const settingChecksOf = ({ parts }: Target, config: Config): readonly string[] =>
  Object.entries<SharedSetting>(SETTINGS).flatMap(([variable, { parts: users, read }]) =>
    users === 'all' || users.some((part) => parts.has(part)) ? [`${variable}:${read(config)}`] : [],
  );

/** A setting of which this process has another value than a live process of its database. */
export interface SettingDifference {
  readonly ifDifferent: SharedSetting['ifDifferent'];
  /** What differs, and what to do. */
  readonly message: string;
}

/** Compares the settings of this process with those of another one, as far as both have them. */
export const settingDifferences = (own: readonly string[], others: readonly string[]): readonly SettingDifference[] =>
  Object.entries<SharedSetting>(SETTINGS).flatMap(([variable, setting]) => {
    const [value, otherValue] = [own, others].map((checks) => valueIn(checks, variable));
    if (value === undefined || otherValue === undefined || value === otherValue) return [];
    return [{ ifDifferent: setting.ifDifferent, message: messageOf(variable, setting, value, otherValue) }];
  });

const valueIn = (checks: readonly string[], variable: string): string | undefined =>
  checks.find((check) => check.startsWith(`${variable}:`))?.slice(variable.length + 1);

function messageOf(
  variable: string,
  { isDigest, effect, ifDifferent }: SharedSetting,
  value: string,
  otherValue: string,
): string {
  const values =
    isDigest === true
      ? 'differs from that of another running process of this database'
      : `is ${value} here and ${otherValue} in another running process of this database`;
  const change =
    ifDifferent === 'REFUSED'
      ? 'To change it, stop every process, then start them. A process that was killed counts for a minute.'
      : 'While you restart the processes one by one with a new value, processes log this until the last one has it.';
  return `${variable} ${values}: ${effect}. Set the same ${variable} for every process. ${change}`;
}

/** The order of issuers, audiences and roles makes no difference. Their list is long, so a digest stands for it. */
function issuersDigest({ issuers }: Config): string {
  const sorted = issuers
    .map(({ roleMapping, audiences, logoutAudiences, algorithms, ...issuer }) => ({
      ...issuer,
      audiences: audiences.toSorted(),
      logoutAudiences: logoutAudiences.toSorted(),
      algorithms: algorithms.toSorted(),
      roleMapping: [...roleMapping].map(String).sort(),
    }))
    .map((issuer) => JSON.stringify(Object.entries(issuer).sort(([one], [other]) => (one < other ? -1 : 1))))
    .sort();
  return createHash('sha256').update(sorted.join('\n')).digest('base64url');
}
