import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import type { IssuerAlgorithm, IssuerSettings } from '../../src/platform/http/issuer-tokens/issuer-settings.ts';

/** What a response of the issuer is, in place of its keys. */
export type Respond = (response: ServerResponse, keys: readonly JWK[]) => void;

/** An issuer whose keys, tokens and responses a test makes as it likes: also those that no honest issuer would make. */
export interface SigningIssuer {
  readonly url: string;
  settings(changes?: Partial<IssuerSettings>): IssuerSettings;
  /** Signs with the newest key. Valid for five minutes for the audience `shop-api`, unless the claims say otherwise. */
  sign(claims: Readonly<Record<string, unknown>>, header?: Partial<JWTHeaderParameters>): Promise<string>;
  /** Adds a key, which signs from now on, and publishes it. */
  addKey(algorithm?: IssuerAlgorithm): Promise<void>;
  /** Withdraws all keys but the newest. */
  withdrawOldKeys(): void;
  readonly keys: readonly JWK[];
  /** How often the keys were read. */
  readonly reads: () => number;
  respondWith(respond: Respond | undefined): void;
  stop(): Promise<void>;
}

interface Key {
  readonly algorithm: IssuerAlgorithm;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

const sendKeys: Respond = (response, keys) => {
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
};

export async function startSigningIssuer(name = 'login', first: IssuerAlgorithm = 'ES256'): Promise<SigningIssuer> {
  const keys: Key[] = [];
  let kids = 0;
  let reads = 0;
  let respond: Respond | undefined;
  const server = createServer((request, response) => {
    if (request.url !== '/jwks') return response.writeHead(404).end();
    reads += 1;
    (respond ?? sendKeys)(
      response,
      keys.map(({ jwk }) => jwk),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const newest = (): Key => {
    const key = keys.at(-1);
    if (key === undefined) throw new Error('the issuer has no key');
    return key;
  };
  const issuer: SigningIssuer = {
    url,
    settings: (changes = {}) => ({
      name,
      issuer: url,
      jwksUri: `${url}/jwks`,
      audiences: ['shop-api'],
      audienceClaim: 'aud',
      logoutAudiences: ['shop-web'],
      algorithms: ['ES256', 'RS256', 'PS256', 'EdDSA'],
      subjectClaim: 'sub',
      subjectIsUserId: false,
      rolesClaim: 'roles',
      roleMapping: new Map([
        ['shop-admin', 'ADMIN'],
        ['shop-owner', 'OWNER'],
        ['shop-service', 'SERVICE'],
      ]),
      scopesClaim: 'scope',
      ...changes,
    }),
    async sign(claims, header = {}) {
      const { algorithm, kid, privateKey } = newest();
      const iat = Math.floor(Date.now() / 1_000) - 1;
      return await new SignJWT({ iss: url, aud: 'shop-api', iat, exp: iat + 300, ...claims })
        .setProtectedHeader({ alg: algorithm, kid, typ: 'at+jwt', ...header } as JWTHeaderParameters)
        .sign(privateKey);
    },
    async addKey(algorithm = 'ES256') {
      const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
      const kid = `${name}-${++kids}`;
      keys.push({
        algorithm,
        kid,
        privateKey,
        jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' },
      });
    },
    withdrawOldKeys() {
      keys.splice(0, keys.length - 1);
    },
    get keys() {
      return keys.map(({ jwk }) => jwk);
    },
    reads: () => reads,
    respondWith(given) {
      respond = given;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await issuer.addKey(first);
  return issuer;
}
