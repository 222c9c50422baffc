import { connect } from 'node:tls';
import { Admin } from '@platformatic/kafka';
import { StartError } from '../../kernel/start-error.ts';
import { callWithTimeout } from './call-with-timeout.ts';
import { clientOptions, guarded, type KafkaSettings } from './settings.ts';

const TIMEOUT_MS = 2_000;
const CLOSE_MS = 2_000;

/**
 * Looks once whether the brokers accept this process. Resolves with false when no broker responds, because Kafka may be away at a start.
 * @throws StartError when a broker refuses the credentials, its certificate is not trusted, or one side uses TLS and the other does not
 */
export async function canAccess(settings: KafkaSettings): Promise<boolean> {
  const admin = guarded(new Admin(clientOptions(settings)));
  // What ended a connection: the request that waited on it only gets that it is closed.
  const broken: unknown[] = [];
  admin.connections.on('connecting', ({ connection }) => {
    connection?.on('error', (error) => broken.push(error));
  });
  try {
    await callWithTimeout(TIMEOUT_MS, 'Kafka', admin.metadata({ forceUpdate: true }));
    return true;
  } catch (error) {
    const advice = adviceFor([error, ...broken]) ?? (await tlsAdvice(settings));
    if (advice === undefined) return false;
    throw new StartError(`KAFKA_BROKERS=${settings.brokers.join(',')}: ${advice}`, { cause: error });
  } finally {
    await callWithTimeout(CLOSE_MS, 'closing', admin.close()).catch(() => undefined);
  }
}

/**
 * Returns what a command says that could not read Kafka: why, and what to do.
 * @param otherwise what else helps when no broker responds, such as ', or leave KAFKA_BROKERS out'
 */
export async function kafkaProblem(settings: KafkaSettings, error: unknown, otherwise = ''): Promise<StartError> {
  try {
    const advice = (await canAccess(settings))
      ? 'A broker responds: check what this user may read (docs/kafka-acls.sh).'
      : `Start that broker${otherwise}.`;
    const message = `KAFKA_BROKERS=${settings.brokers.join(',')} cannot be read: ${String(error)}. ${advice}`;
    return new StartError(message, { cause: error });
  } catch (refused) {
    if (refused instanceof StartError) return refused;
    throw refused;
  }
}

/** OpenSSL's and Node's codes of a certificate that is not trusted. */
const UNTRUSTED = /^(UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|CERT_(?!.*EXPIRED)|INVALID_CA|HOSTNAME_MISMATCH|ERR_TLS_CERT)/;

/** What to do about an error that a retry does not fix. Undefined: Kafka may only be away. */
function adviceFor(errors: readonly unknown[]): string | undefined {
  for (const each of errors.flatMap(causesOf).toReversed()) {
    const { code = '', message = '', apiId } = each as Partial<Record<'code' | 'message' | 'apiId', string>>;
    if (code === 'CERT_HAS_EXPIRED') return 'the certificate of the broker has expired. Renew it.';
    if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
      return `the certificate of the broker has another name: ${message}. Use the host name that the certificate states.`;
    }
    if (UNTRUSTED.test(code)) {
      return `the certificate of the broker is not trusted (${code}). Set KAFKA_CA to the file of its authority.`;
    }
    if (message.startsWith('KAFKA_OAUTH_')) return message;
    if (message === 'SASL authentication failed.') {
      return 'the broker refuses the credentials. Check KAFKA_SASL_MECHANISM, and KAFKA_USER with KAFKA_PASSWORD or the KAFKA_OAUTH variables.';
    }
    if (apiId === 'UNSUPPORTED_SASL_MECHANISM') {
      return 'the broker does not offer this KAFKA_SASL_MECHANISM on that port. Set one that its listener has.';
    }
    if (/TLS handshake failed|wrong version number|packet length too long/.test(message)) {
      return 'the broker does not use TLS on that port. Set its port for TLS, or leave KAFKA_TLS out.';
    }
    if (/ALERT_|alert (certificate|bad certificate|handshake|unknown ca)/i.test(`${code} ${message}`)) {
      return `the broker refuses this certificate (${code}). Set KAFKA_CERT and KAFKA_KEY to a certificate that it trusts.`;
    }
  }
  return undefined;
}

/** A broker that expects TLS closes a connection without it, as one does that goes away. */
async function tlsAdvice({ brokers, security }: KafkaSettings): Promise<string | undefined> {
  if (security?.tls !== undefined) return undefined;
  const speaking = await Promise.all(brokers.map(speaksTls));
  return speaking.includes(true) ? 'the broker requires TLS on that port. Set KAFKA_TLS=on.' : undefined;
}

function speaksTls(broker: string): Promise<boolean> {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(broker) ?? [];
  return new Promise((resolve) => {
    // Nothing is sent: whether the certificate is trusted does not matter.
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false, timeout: TIMEOUT_MS });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('secureConnect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}

/** The error with everything that caused it, the innermost last. */
function causesOf(error: unknown): readonly unknown[] {
  if (typeof error !== 'object' || error === null) return [];
  const { cause } = error as { readonly cause?: unknown };
  const parts = error instanceof AggregateError ? error.errors : [];
  return [error, ...parts.flatMap(causesOf), ...causesOf(cause)];
}
