import {
  noCodeLimits,
  noRedemptionLimits,
  postgresCodeLimits,
  postgresRedemptionLimits,
  wrongCodesOfAddresses,
} from '../../gateway/limits/code-limits.ts';
import { postgresKnownLogins } from '../../gateway/limits/known-logins.ts';
import { limitCounters, STORE_TIMEOUT_MS } from '../../gateway/limits/limit-counters.ts';
import { noLimits, storedLimits } from '../../gateway/limits/limits.ts';
import { noLoginLimits, postgresLoginLimits } from '../../gateway/limits/login-limits.ts';
import { noMailLimits, postgresMailLimits } from '../../gateway/limits/mail-limits.ts';
import { redisCounters } from '../../gateway/limits/redis-counters.ts';
import type { Composed } from '../compose.ts';
import type { Config } from '../config.ts';

/** Every limit whose counters are stored. */
export async function limitsOf({ rateLimit, limits, mail }: Config, { database: { vital }, redis }: Composed) {
  if (!rateLimit) {
    const coded = { codeLimits: noCodeLimits, redemptionLimits: noRedemptionLimits };
    return { limits: noLimits, loginLimits: noLoginLimits, mailLimits: noMailLimits, ...coded };
  }
  const counters = limitCounters(vital, STORE_TIMEOUT_MS);
  const knownLogins = postgresKnownLogins(vital);
  const wrongCodes = wrongCodesOfAddresses(counters, limits.codes);
  return {
    limits: storedLimits(redis === undefined ? counters : await redisCounters(redis, counters), limits),
    loginLimits: postgresLoginLimits(counters, knownLogins, limits),
    // Without mail a sign-up sends none.
    mailLimits: mail === undefined ? noMailLimits : postgresMailLimits(counters, knownLogins, limits.mail),
    codeLimits: postgresCodeLimits(counters, wrongCodes, limits.codes),
    redemptionLimits: postgresRedemptionLimits(counters, wrongCodes, limits.codes),
  };
}
