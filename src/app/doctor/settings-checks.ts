import { parseDatabaseUrl } from '../../platform/postgres/database-url.ts';
import type { Settings } from '../config.ts';
import { CONTEXT_NAMES, PARTS } from '../parts.ts';
import { givenSecrets, SECRET_VARIABLES } from '../shared-secrets.ts';
import { WAYS } from '../variables/database-variables.ts';
import { databaseVariable, wayVariable } from '../variables/service-variables.ts';
import { SHARDED, shardDatabasesVariable } from '../variables/shard-variables.ts';
import { type Check, type Finding, fail, failIfExposed, isExposed, ok, warn } from './finding.ts';

/** What the variables alone show. */
export const SETTINGS_CHECKS: readonly Check[] = [
  { name: 'mode', run: ({ settings }) => mode(settings) },
  { name: 'limits', run: ({ settings }) => limits(settings) },
  { name: 'proxy', run: ({ settings, target }) => (target.parts.has('gateway') ? proxy(settings) : []) },
  { name: 'metrics', run: ({ settings, target }) => (target.parts.has('gateway') ? metrics(settings) : []) },
  { name: 'keys', run: ({ settings }) => keys(settings) },
  { name: 'passwords', run: ({ settings }) => passwords(settings) },
];

function mode(settings: Settings): readonly Finding[] {
  const findings: Finding[] = [];
  if (settings.sandbox)
    findings.push(failIfExposed(settings, 'STAMPEDE_SANDBOX=on: administrators move the time. Leave it out.'));
  if (settings.paymentProvider === 'sandbox') {
    const text = 'PAYMENT_PROVIDER is the sandbox: no payment is real. Set PAYMENT_PROVIDER=none.';
    findings.push(failIfExposed(settings, text));
  }
  if (settings.paymentEvents.trustAcl)
    findings.push(
      warn(
        'PAYMENT_EVENTS=trust-acl: everybody who may write to the topic can pay orders. Set keys in PAYMENT_EVENT_KEYS.',
      ),
    );
  if (!settings.production && isExposed(settings))
    findings.push(warn('NODE_ENV is not production, and others reach this process. Set NODE_ENV=production.'));
  return findings.length > 0 ? findings : [ok(settings.production ? 'production' : 'for this machine only')];
}

const limits = (settings: Settings): readonly Finding[] => [
  settings.rateLimit
    ? ok('requests are limited')
    : failIfExposed(
        settings,
        'STAMPEDE_RATE_LIMIT=off: passwords and codes can be guessed without limit. Leave it out.',
      ),
];

/** This program serves no HTTPS, so an https address is that of a proxy. */
function proxy({ publicUrl, trustProxy }: Settings): readonly Finding[] {
  if (trustProxy !== undefined) return [ok('the client is read from X-Forwarded-For')];
  if (publicUrl?.startsWith('https:') === true) {
    const text =
      'STAMPEDE_PUBLIC_URL is that of a proxy, and TRUST_PROXY is not set: all clients share the limits of one address.';
    return [warn(`${text} Set TRUST_PROXY to the number or the networks of the proxies.`)];
  }
  return [ok('no proxy is trusted')];
}

const metrics = (settings: Settings): readonly Finding[] => [
  settings.metricsPort === undefined && isExposed(settings)
    ? warn('/metrics is on the port of the API. Set METRICS_PORT, or refuse the path at the proxy.')
    : ok('others do not reach /metrics by the port of the API'),
];

interface Secret {
  readonly name: string;
  readonly text: string;
}

/** Fewer different characters than random text of this length ever has. */
const CHARACTERS_MIN = 10;
const PASSWORD_MIN = 12;
/** Words of examples and defaults. */
const KNOWN = /password|secret|change-?me|example|stampede|admin|qwerty|postgres|12345/i;

function keys(settings: Settings): readonly Finding[] {
  const { paymentEvents, production } = settings;
  const given: readonly Secret[] = SECRET_VARIABLES.flatMap((name) =>
    givenSecrets(name, settings).map((text) => ({ name, text })),
  );
  const findings = given
    .filter(({ text }) => KNOWN.test(text) || new Set(text).size < CHARACTERS_MIN)
    .map(({ name }) => fail(`${name} can be guessed. Set it to the output of: openssl rand -base64 48`));
  for (const [producer, secrets] of paymentEvents.keys) {
    if (secrets.some((secret) => new Set(secret).size < CHARACTERS_MIN))
      findings.push(
        fail(`The key of ${producer} in PAYMENT_EVENT_KEYS can be guessed. Make one with: openssl rand -base64 32`),
      );
  }
  const [first, second] = given.filter(
    ({ text }, index) =>
      given.findIndex((each) => each.text === text) !== index ||
      given.findLastIndex((each) => each.text === text) !== index,
  );
  if (first !== undefined && second !== undefined)
    findings.push(
      warn(`${first.name} and ${second.name} are the same: who has one has the other. Set one of its own for each.`),
    );
  if (findings.length > 0) return findings;
  return [
    ok(given.length > 0 || production ? 'the keys are random' : 'the keys are generated into the data directory'),
  ];
}

function passwords(settings: Settings): readonly Finding[] {
  const { adminPassword, kafka, redis, services } = settings;
  const sasl = kafka?.security?.sasl;
  const given: Secret[] = [
    ...databaseUrls(settings).flatMap(({ name, url }) => {
      const { password: encoded, searchParams } = new URL(url);
      // As `pg` reads it: the parameter goes before the login.
      const password = searchParams.get('password') ?? decodeURIComponent(encoded);
      return password === '' ? [] : [{ name: `The password of ${name}`, text: password }];
    }),
    ...(adminPassword === undefined ? [] : [{ name: 'STAMPEDE_ADMIN_PASSWORD', text: adminPassword }]),
    ...(sasl !== undefined && 'password' in sasl ? [{ name: 'KAFKA_PASSWORD', text: sasl.password }] : []),
    ...(redis?.password === undefined ? [] : [{ name: 'The password of REDIS_URL', text: redis.password }]),
    ...(services.etcd?.login === undefined ? [] : [{ name: 'ETCD_PASSWORD', text: services.etcd.login.password }]),
  ];
  const weak = given.filter(({ text }) => text.length < PASSWORD_MIN || KNOWN.test(text));
  if (weak.length > 0)
    return weak.map(({ name }) => failIfExposed(settings, `${name} can be guessed. Set a random one.`));
  return [ok(given.length === 0 ? 'no password is set' : 'the passwords are long and are no known words')];
}

/** Every address of a database that is set, once, by its variable; several hosts each by their own URL. */
export function databaseUrls({ databaseUrl, migrationDatabaseUrl, ways, services, shards }: Settings) {
  // The variables of a context first: its URL may be that of the process, too.
  const named: readonly (readonly [name: string, url: string | undefined])[] = [
    ...PARTS.map((part) => [databaseVariable(part), services.databaseUrls[part]] as const),
    ...WAYS.flatMap((way) => CONTEXT_NAMES.map((name) => [wayVariable(name, way), services.ways[way][name]] as const)),
    ...SHARDED.flatMap((name) =>
      (shards.of[name]?.databaseUrls ?? []).map((url) => [shardDatabasesVariable(name), url] as const),
    ),
    ['DATABASE_URL', databaseUrl],
    ['MIGRATION_DATABASE_URL', migrationDatabaseUrl],
    ...Object.entries(ways),
  ];
  const byUrl = new Map<string, string>();
  for (const [name, url] of named) if (url !== undefined && !byUrl.has(url)) byUrl.set(url, name);
  return [...byUrl].flatMap(([url, name]) => parseDatabaseUrl(url).hosts.map((host) => ({ name, ...host })));
}
