import { createSecureContext } from 'node:tls';
import type { ConnectionOptions } from '@platformatic/kafka';
import { StartError } from '../../kernel/start-error.ts';
import { readTlsFiles } from '../../read-pem.ts';
import { type OauthClient, oauthTokens } from './oauth-tokens.ts';

/** Paths of PEM files. */
export interface KafkaTls {
  /** The authorities of the brokers' certificates. Absent: those that Node trusts. */
  readonly ca?: string | undefined;
  /** A certificate of this process, with its chain, for brokers that ask for one. With `key`. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export type KafkaSasl =
  | {
      readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
      readonly user: string;
      readonly password: string;
    }
  | ({ readonly mechanism: 'OAUTHBEARER' } & OauthClient);

/** How connections are encrypted, and how this process authenticates. */
export interface KafkaSecurity {
  /** Absent: not encrypted. */
  readonly tls?: KafkaTls | undefined;
  /** Absent: not authenticated, or by the certificate alone. */
  readonly sasl?: KafkaSasl | undefined;
}

type ClientSecurity = Pick<ConnectionOptions, 'tls' | 'sasl'>;

/** Options of a client. @throws StartError for a file that cannot be read or used */
export function securityOptions(security: KafkaSecurity | undefined): ClientSecurity {
  return {
    ...(security?.tls === undefined ? {} : { tls: tlsOptions(security.tls) }),
    ...(security?.sasl === undefined ? {} : { sasl: saslOptions(security.sasl) }),
  };
}

/** The name of the broker has to be in its certificate: Node compares it with the host that was dialled. */
function tlsOptions(tls: KafkaTls): NonNullable<ClientSecurity['tls']> {
  const options = readTlsFiles('KAFKA', tls);
  try {
    createSecureContext(options);
  } catch (error) {
    const { message } = error as Error;
    throw new StartError(
      `KAFKA_CA, KAFKA_CERT and KAFKA_KEY cannot be used: ${message}. Set them to PEM files; the key belongs to the certificate.`,
      { cause: error },
    );
  }
  return options;
}

function saslOptions(sasl: KafkaSasl): NonNullable<ClientSecurity['sasl']> {
  if (sasl.mechanism !== 'OAUTHBEARER') {
    return { mechanism: sasl.mechanism, username: sasl.user, password: sasl.password };
  }
  return { mechanism: sasl.mechanism, token: oauthTokens(sasl) };
}
