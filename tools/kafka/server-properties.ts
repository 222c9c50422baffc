import type { BrokerSecurity } from './security.ts';

/** One of the nodes of a cluster. */
export interface Member {
  /** From 0. */
  readonly index: number;
  /** Of all nodes, by their index. */
  readonly controllerPorts: readonly number[];
}

interface Place {
  readonly dataDir: string;
  readonly port: number;
  /** By which clients reach it. */
  readonly advertisedPort: number;
  readonly member: Member;
  /** Present: there are listeners with TLS beside the plain one, and access rules for everybody but users of that one. */
  readonly secure?: { readonly security: BrokerSecurity; readonly saslPort: number; readonly tlsPort: number };
}

const INTERNAL_COPIES_MAX = 3;

/** One node that is broker and controller, sized for tests: little memory, groups that form at once. */
export function serverProperties({ dataDir, port, advertisedPort, member, secure }: Place): string {
  const { index, controllerPorts } = member;
  const copies = Math.min(controllerPorts.length, INTERNAL_COPIES_MAX);
  const listeners = [`PLAINTEXT://127.0.0.1:${port}`];
  const advertised = [`PLAINTEXT://127.0.0.1:${advertisedPort}`];
  if (secure !== undefined) {
    listeners.push(`SASL_SSL://127.0.0.1:${secure.saslPort}`, `SSL://127.0.0.1:${secure.tlsPort}`);
    advertised.push(`SASL_SSL://localhost:${secure.saslPort}`, `SSL://localhost:${secure.tlsPort}`);
  }
  const settings: Readonly<Record<string, string | number>> = {
    'process.roles': 'broker,controller',
    'node.id': index + 1,
    'controller.quorum.voters': controllerPorts.map((each, at) => `${at + 1}@127.0.0.1:${each}`).join(','),
    listeners: [...listeners, `CONTROLLER://127.0.0.1:${controllerPorts[index]}`].join(','),
    'advertised.listeners': advertised.join(','),
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map':
      'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT',
    'log.dirs': dataDir,
    // A topic must be created explicitly, as in a careful production setup.
    'auto.create.topics.enable': 'false',
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': Math.ceil(copies / 2),
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // So that a test need not wait long for a frozen consumer to be given up.
    'group.min.session.timeout.ms': 500,
    // Of 128 MB, which would be half of the heap.
    'log.cleaner.dedupe.buffer.size': 4 * 1024 * 1024,
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 2,
    ...(secure === undefined ? {} : secureProperties(secure.security)),
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

const PLAIN_LOGIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
const SCRAM_LOGIN = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
const OAUTH = 'org.apache.kafka.common.security.oauthbearer';

function secureProperties(security: BrokerSecurity): Readonly<Record<string, string | number>> {
  const { keystore, authority, users, oauth, reauthenticateAfterMs } = security;
  const passwords = Object.entries(users).map(([user, password]) => `user_${user}="${password}"`);
  const sasl = 'listener.name.sasl_ssl';
  return {
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': keystore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': authority,
    'listener.name.ssl.ssl.client.auth': 'required',
    'listener.name.ssl.ssl.principal.mapping.rules': 'RULE:^CN=([^,]+).*$/$1/,DEFAULT',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    [`${sasl}.plain.sasl.jaas.config`]: `${PLAIN_LOGIN} ${passwords.join(' ')};`,
    [`${sasl}.scram-sha-256.sasl.jaas.config`]: SCRAM_LOGIN,
    [`${sasl}.scram-sha-512.sasl.jaas.config`]: SCRAM_LOGIN,
    [`${sasl}.oauthbearer.sasl.jaas.config`]: `${OAUTH}.OAuthBearerLoginModule required;`,
    [`${sasl}.oauthbearer.sasl.server.callback.handler.class`]: `${OAUTH}.OAuthBearerValidatorCallbackHandler`,
    'sasl.oauthbearer.jwks.endpoint.url': oauth.keysUrl,
    'sasl.oauthbearer.expected.audience': oauth.audience,
    'sasl.oauthbearer.expected.issuer': oauth.issuer,
    // No allowance for wrong clocks: one machine has one clock, and a token shall end when it says.
    'sasl.oauthbearer.clock.skew.seconds': 0,
    'connections.max.reauth.ms': reauthenticateAfterMs,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // Of the plain listener, by which a test makes topics and rules.
    'super.users': ['ANONYMOUS', ...security.superUsers].map((user) => `User:${user}`).join(';'),
    'allow.everyone.if.no.acl.found': 'false',
  };
}
