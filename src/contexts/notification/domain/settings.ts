import type { Language } from '../../../platform/kernel/language.ts';
import { canonicalZone } from '../../../platform/kernel/time-zone.ts';
import { CHANNELS, type Channel, KIND_NAMES, KINDS, type Kind } from './kinds.ts';

/** The distances at which a coupon that expires can be announced, in days: all of them by default. */
export const EXPIRY_DAYS = [7, 3, 1] as const;
export const QUIET_TIME = /^([01][0-9]|2[0-3]):[0-5][0-9]$/;

export interface Preference {
  readonly kind: Kind;
  readonly channel: Channel;
  readonly enabled: boolean;
}

/** What a user has chosen. */
export interface Settings {
  /** What is different from the default. */
  readonly preferences: readonly Preference[];
  readonly language: Language | null;
  readonly timezone: string | null;
  readonly expiryDays: readonly number[];
  readonly quietHours: { readonly from: string; readonly until: string } | null;
}

export const DEFAULT_SETTINGS: Settings = {
  preferences: [],
  language: null,
  timezone: null,
  expiryDays: EXPIRY_DAYS,
  quietHours: null,
};

/** Every kind with every channel, as it holds for the user. */
export function allPreferences({ preferences }: Pick<Settings, 'preferences'>): readonly Preference[] {
  const chosen = new Map(preferences.map(({ kind, channel, enabled }) => [`${kind} ${channel}`, enabled]));
  return KIND_NAMES.flatMap((kind) =>
    CHANNELS.map((channel) => ({
      kind,
      channel,
      enabled: chosen.get(`${kind} ${channel}`) ?? isDefault(kind, channel),
    })),
  );
}

const isDefault = (kind: Kind, channel: Channel): boolean => KINDS[kind].channels.some((each) => each === channel);

/** As it arrives: words and numbers that may be anything. */
export interface StatedSettings {
  readonly preferences: readonly { readonly kind: string; readonly channel: string; readonly enabled: boolean }[];
  readonly language?: string | undefined;
  readonly timezone?: string | undefined;
  readonly expiryDays: readonly number[];
  readonly quietHours?: { readonly from: string; readonly until: string } | undefined;
}

/** Returns the settings, or the first field that is not valid with the reason. */
export function checkSettings(stated: StatedSettings): Settings | { readonly field: string; readonly reason: string } {
  const { language, quietHours } = stated;
  const preferences: Preference[] = [];
  for (const { kind, channel, enabled } of stated.preferences) {
    if (!isOneOf(KIND_NAMES, kind) || !isOneOf(CHANNELS, channel))
      return { field: 'preferences', reason: 'names a kind or a channel that does not exist' };
    if (preferences.some((each) => each.kind === kind && each.channel === channel))
      return { field: 'preferences', reason: 'must name each kind and channel once' };
    preferences.push({ kind, channel, enabled });
  }
  if (language !== undefined && language !== 'ko' && language !== 'en')
    return { field: 'language', reason: 'must be ko or en' };
  const timezone = stated.timezone === undefined ? null : canonicalZone(stated.timezone);
  if (timezone === undefined) return { field: 'timezone', reason: 'must be an IANA time zone such as Asia/Seoul' };
  if (!stated.expiryDays.every((days) => isOneOf(EXPIRY_DAYS, days)))
    return { field: 'expiryDays', reason: `must be some of ${EXPIRY_DAYS.join(', ')}` };
  if (quietHours !== undefined && !(QUIET_TIME.test(quietHours.from) && QUIET_TIME.test(quietHours.until)))
    return { field: 'quietHours', reason: 'must be times such as 21:00' };
  if (quietHours !== undefined && quietHours.from === quietHours.until)
    return { field: 'quietHours', reason: 'must end at another time than they begin; leave them out for none' };
  return {
    preferences: preferences.filter(({ kind, channel, enabled }) => enabled !== isDefault(kind, channel)),
    language: language ?? null,
    timezone,
    expiryDays: EXPIRY_DAYS.filter((days) => stated.expiryDays.includes(days)),
    quietHours: quietHours ?? null,
  };
}

const isOneOf = <const Words extends readonly unknown[]>(words: Words, word: unknown): word is Words[number] =>
  words.includes(word);
