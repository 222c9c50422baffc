import { type CryptoKey, createLocalJWKSet, errors, type JWK, type JWSHeaderParameters } from 'jose';
import { z } from 'zod';
import { DAY_MS, MINUTE_MS } from '../../kernel/durations.ts';
import { Unavailable } from '../../kernel/refusal.ts';
import type { Outage } from '../../telemetry/outage-log.ts';
import { fetchJson } from './fetch-json.ts';
import type { IssuerSettings } from './issuer-settings.ts';
import { isTrustedUrl } from './issuer-url.ts';
import { usableKeys } from './usable-keys.ts';

/** Keys are read again in this interval, so that those which the issuer withdrew end. */
const REFRESH_MS = 5 * MINUTE_MS;
/** Between two reads that tokens cause. Tokens with made-up key ids cause no more of them. */
const COOLDOWN_MS = 10_000;

/** While the issuer cannot be read its last keys stay valid for this long: a key that it withdrew meanwhile must end, too. */
const KEPT_MS = DAY_MS;

/**
 * The public keys of an issuer. A set that was read replaces the one before, also when it has no key that fits. While the issuer is away, or responds with
 * something else, the last keys stay valid for a day.
 */
export interface KeySet {
  /**
   * Returns the key of a token with this header; undefined when the issuer has none that fits. An unknown key id causes one read of the keys, at most
   * each 10 s; tokens that arrive meanwhile wait for the same read.
   * @throws Unavailable when the keys were never read, or not for a day
   */
  keyFor(header: JWSHeaderParameters): Promise<CryptoKey | undefined>;
  /** Counts the reads that changed the keys: what was checked by earlier ones is checked again. */
  readonly version: () => number;
  /** Rejects while the keys could not be read lately. */
  check(): Promise<void>;
  stop(): void;
}

export interface KeySetDeps {
  readonly nowMs: () => number;
  readonly outage: Outage;
  readonly cooldownMs?: number;
}

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.string() });

/** Starts to read the keys, and returns at once: a server starts also while an issuer is away. */
export function openKeySet(
  settings: Pick<IssuerSettings, 'name' | 'issuer' | 'jwksUri' | 'algorithms'>,
  { nowMs, outage, cooldownMs = COOLDOWN_MS }: KeySetDeps,
): KeySet {
  let select: ReturnType<typeof createLocalJWKSet> | undefined;
  let text = '';
  let version = 0;
  let readAtMs = 0;
  /** When a token last caused a read. */
  let causedAtMs = Number.NEGATIVE_INFINITY;
  let failure: unknown = new Error(`the keys of the issuer ${settings.name} were not read yet`);
  let reading: Promise<void> | undefined;

  function replace(keys: typeof select, found: string): void {
    if (found === text) return;
    select = keys;
    text = found;
    version += 1;
  }
  async function readKeys(): Promise<void> {
    try {
      const keys = await readUsableKeys(settings);
      readAtMs = nowMs();
      replace(createLocalJWKSet({ keys: [...keys] }), JSON.stringify(keys));
      if (keys.length === 0)
        throw new Error(`the issuer ${settings.name} has no key for ${settings.algorithms.join(', ')}`);
      failure = undefined;
      outage.succeeded();
    } catch (error) {
      failure = error;
      if (select !== undefined && nowMs() - readAtMs >= KEPT_MS) replace(undefined, '');
      outage.failed(error);
    }
  }
  /** Never rejects. */
  function read(): Promise<void> {
    reading ??= readKeys().finally(() => {
      reading = undefined;
    });
    return reading;
  }
  async function selected(header: JWSHeaderParameters): Promise<CryptoKey | undefined> {
    try {
      return await select?.(header);
    } catch (error) {
      // Also a token without a key id, where several keys could have signed it.
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  void read();
  const timer = setInterval(() => void read(), REFRESH_MS).unref();
  return {
    async keyFor(header) {
      const key = await selected(header);
      if (key !== undefined) return key;
      if (reading === undefined && nowMs() - causedAtMs >= cooldownMs) {
        causedAtMs = nowMs();
        void read();
      }
      await reading;
      if (select === undefined)
        throw new Unavailable('DEPENDENCY_UNAVAILABLE', `the keys of the issuer ${settings.name} are not known`, 5, {
          cause: failure,
        });
      return await selected(header);
    },
    version: () => version,
    async check() {
      await reading;
      if (failure !== undefined) throw failure;
    },
    stop: () => clearInterval(timer),
  };
}

/**
 * Reads the keys of an issuer once. Returns those that may check signatures of its algorithms, which may be none.
 * @throws Error when they cannot be read, or the discovery document is of another issuer
 */
export const readUsableKeys = async (
  settings: Pick<IssuerSettings, 'issuer' | 'jwksUri' | 'algorithms'>,
): Promise<readonly JWK[]> => usableKeys(await fetchJson(await addressOf(settings)), settings.algorithms);

async function addressOf({ issuer, jwksUri }: Pick<IssuerSettings, 'issuer' | 'jwksUri'>): Promise<string> {
  if (jwksUri !== undefined) return jwksUri;
  const place = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const found = Discovery.parse(await fetchJson(place));
  // OpenID Connect Discovery, section 4.3: otherwise another issuer's document would name the keys.
  if (found.issuer !== issuer)
    throw new Error(
      `${place} says issuer ${JSON.stringify(found.issuer)}, and JWT_ISSUERS says ${JSON.stringify(issuer)}`,
    );
  if (!isTrustedUrl(found.jwks_uri)) throw new Error(`${place} names keys at an address without https`);
  return found.jwks_uri;
}
