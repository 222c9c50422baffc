import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const AUDIENCE = 'shop-api';
export const BENCH_ALGORITHMS = ['ES256', 'RS256'] as const;
export type BenchAlgorithm = (typeof BENCH_ALGORITHMS)[number];

const LIFE_SECONDS = 3_000;
const LINES_PER_WRITE = 5_000;

/** An issuer on loopback with one key for each algorithm. */
export interface BenchIssuer {
  readonly url: string;
  /** JWT_ISSUERS for it. */
  readonly settings: string;
  /** Writes `count` tokens of different users, one a line, to `<prefix>.1`. */
  writeTokens(prefix: string, algorithm: BenchAlgorithm, count: number): Promise<string>;
  stop(): void;
}

export async function startIssuer(): Promise<BenchIssuer> {
  const keys = {
    ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    RS256: generateKeyPairSync('rsa', { modulusLength: 2_048 }),
  };
  const jwks = {
    keys: BENCH_ALGORITHMS.map((alg) => ({
      ...keys[alg].publicKey.export({ format: 'jwk' }),
      kid: alg,
      alg,
      use: 'sig',
    })),
  };
  const server = createServer((_, response) => response.end(JSON.stringify(jwks)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuers = [
    { name: 'bench', issuer: url, jwksUri: `${url}/jwks`, audiences: [AUDIENCE], algorithms: BENCH_ALGORITHMS },
  ];
  return {
    url,
    settings: JSON.stringify(issuers),
    async writeTokens(prefix, algorithm, count) {
      const key = createPrivateKey(keys[algorithm].privateKey.export({ format: 'pem', type: 'pkcs8' }));
      const file = createWriteStream(`${prefix}.1`);
      for (let from = 0; from < count; from += LINES_PER_WRITE) {
        const lines = Array.from({ length: Math.min(LINES_PER_WRITE, count - from) }, () =>
          tokenOf(url, algorithm, key),
        );
        if (!file.write(`${lines.join('\n')}\n`)) await once(file, 'drain');
      }
      file.end();
      await once(file, 'close');
      return prefix;
    },
    stop: () => server.close(),
  };
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function tokenOf(issuer: string, algorithm: BenchAlgorithm, key: KeyObject): string {
  const iat = Math.floor(Date.now() / 1_000);
  const claims = { iss: issuer, aud: AUDIENCE, sub: crypto.randomUUID(), iat, exp: iat + LIFE_SECONDS };
  const signed = `${encoded({ alg: algorithm, kid: algorithm, typ: 'at+jwt' })}.${encoded(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}
