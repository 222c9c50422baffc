import type { JWK } from 'jose';
import { z } from 'zod';
import type { IssuerAlgorithm } from './issuer-settings.ts';

/** Of one issuer. Larger sets are cut: an issuer needs one for each algorithm and some for a rotation. */
const KEYS_MAX = 32;
const RSA_BITS_MIN = 2_048;
const RSA_BITS_MAX = 8_192;

const KeySetDocument = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });

/**
 * Returns the keys of a JWKS document that may check signatures of these algorithms: public ones of the right type and strength, meant for signatures.
 * @throws ZodError when it is no JWKS
 */
export function usableKeys(document: unknown, algorithms: readonly IssuerAlgorithm[]): readonly JWK[] {
  const { keys } = KeySetDocument.parse(document);
  return keys.slice(0, KEYS_MAX).filter((key) => algorithms.some((algorithm) => fits(key, algorithm))) as JWK[];
}

function fits(key: Readonly<Record<string, unknown>>, algorithm: IssuerAlgorithm): boolean {
  // A private or a shared key in a public document is no secret any more.
  if ('d' in key || 'k' in key) return false;
  if (key['use'] !== undefined && key['use'] !== 'sig') return false;
  if (key['alg'] !== undefined && key['alg'] !== algorithm && !(algorithm === 'EdDSA' && key['alg'] === 'Ed25519'))
    return false;
  switch (algorithm) {
    case 'ES256':
      return key['kty'] === 'EC' && key['crv'] === 'P-256';
    case 'EdDSA':
      return key['kty'] === 'OKP' && key['crv'] === 'Ed25519';
    default:
      return key['kty'] === 'RSA' && isStrong(key['n']);
  }
}

/** Also not so large that checks take long. */
function isStrong(modulus: unknown): boolean {
  if (typeof modulus !== 'string') return false;
  const bits = Buffer.from(modulus, 'base64url').length * 8;
  return bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX;
}
