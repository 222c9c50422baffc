import { createPrivateKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { KafkaSettings } from '../../src/platform/events/kafka/settings.ts';
import { NoKafka, type SecureKafka, startSecureKafka } from '../../tools/kafka/start.ts';
import { type Authority, authorityIn } from './certificates.ts';
import { openTemporaryDir } from './open-temporary-dir.ts';

/** A user of the broker who may do everything. */
export const ADMIN = 'admin';

export interface SecureStand {
  readonly kafka: SecureKafka;
  /** Signed the broker's certificate, and is trusted by the broker. */
  readonly authority: Authority;
  readonly ca: string;
  /** An authority that signed nothing of this broker. */
  readonly strangerCa: string;
  passwordOf(user: string): string;
  readonly oauth: TokenEndpoint;
  stop(): Promise<void>;
}

/** An authorisation server: the grant of client credentials, and tokens that it signs with RS256. */
interface TokenEndpoint {
  readonly tokenUrl: string;
  readonly secret: string;
  /** The life of the tokens that it gives from now on. */
  lifeSeconds: number;
  /** What it answers, when it is not to give tokens. */
  failure: number | undefined;
  /** How many tokens it gave. */
  given(): number;
}

const KEY_ID = 'first';
const ISSUER = 'https://login.example.com';
const AUDIENCE = 'kafka';

/** Undefined: it cannot be started here, and a line says why. With REQUIRE_KAFKA=1 that is a failure. */
export async function openSecureKafka(
  users: readonly string[],
  reauthenticateAfterMs: number,
): Promise<SecureStand | undefined> {
  const dir = openTemporaryDir('stampede-secure-kafka-');
  const authority = authorityIn(dir, 'own');
  const broker = authority.certify('localhost');
  const stranger = authorityIn(dir, 'stranger').certify('localhost');
  const keystore = join(dir, 'broker-keystore.pem');
  writeFileSync(keystore, readFileSync(broker.key, 'utf8') + readFileSync(broker.cert, 'utf8'));
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const { kty, n, e } = createPrivateKey(pair.privateKey).export({ format: 'jwk' });
  const keys = join(dir, 'jwks.json');
  writeFileSync(keys, JSON.stringify({ keys: [{ kty, n, e, kid: KEY_ID, alg: 'RS256', use: 'sig' }] }));
  const passwordOf = (user: string): string => `the-password-of-${user}`;
  try {
    const kafka = await startSecureKafka({
      keystore,
      authority: broker.ca,
      users: Object.fromEntries([ADMIN, ...users].map((user) => [user, passwordOf(user)])),
      superUsers: [ADMIN],
      oauth: { keysUrl: pathToFileURL(keys).href, issuer: ISSUER, audience: AUDIENCE },
      reauthenticateAfterMs,
    });
    const oauth = await openTokenEndpoint(pair.privateKey);
    return {
      kafka,
      authority,
      ca: broker.ca,
      strangerCa: stranger.ca,
      passwordOf,
      oauth,
      async stop() {
        oauth.close();
        await kafka.stop();
      },
    };
  } catch (error) {
    if (!(error instanceof NoKafka) || process.env['REQUIRE_KAFKA'] === '1') throw error;
    process.stderr.write(`The tests on a Kafka with TLS are left out: ${error.message}.\n`);
    return undefined;
  }
}

/** For a client that encrypts and authenticates with SCRAM. */
export const settingsOf = (stand: SecureStand, user: string, prefix: string): KafkaSettings => ({
  brokers: [stand.kafka.saslBrokers],
  partitions: 2,
  prefix,
  security: {
    tls: { ca: stand.ca },
    sasl: { mechanism: 'SCRAM-SHA-512', user, password: stand.passwordOf(user) },
  },
});

async function openTokenEndpoint(privateKey: string): Promise<TokenEndpoint & { close(): void }> {
  const secret = randomUUID();
  let given = 0;
  const endpoint = { lifeSeconds: 60, failure: undefined as number | undefined };
  const token = (subject: string): string => {
    const now = Math.floor(Date.now() / 1_000);
    const claims = {
      iss: ISSUER,
      aud: AUDIENCE,
      sub: subject,
      iat: now,
      exp: now + endpoint.lifeSeconds,
      jti: randomUUID(),
    };
    const parts = [{ alg: 'RS256', typ: 'JWT', kid: KEY_ID }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const text = parts.join('.');
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const answer = (status: number, json: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    const [kind, credentials = ''] = (request.headers.authorization ?? '').split(' ');
    const [id = '', password] = Buffer.from(credentials, 'base64').toString().split(':').map(decodeURIComponent);
    if (endpoint.failure !== undefined) answer(endpoint.failure, { error: 'temporarily_unavailable' });
    else if (kind !== 'Basic' || password !== secret) answer(401, { error: 'invalid_client' });
    else if (new URLSearchParams(body).get('grant_type') !== 'client_credentials')
      answer(400, { error: 'unsupported_grant_type' });
    else {
      given += 1;
      answer(200, { access_token: token(id), token_type: 'Bearer', expires_in: endpoint.lifeSeconds });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const tokenUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  return Object.assign(endpoint, { tokenUrl, secret, given: () => given, close: () => void server.close() });
}
