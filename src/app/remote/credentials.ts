import { type ChannelCredentials, credentials, ServerCredentials } from '@grpc/grpc-js';
import { StartError } from '../../platform/kernel/start-error.ts';
import { readPem } from '../../platform/read-pem.ts';
import type { TlsFiles } from '../variables/service-variables.ts';

/** A connection is closed when it has not shown its certificate by then. Node waits 120 s. */
const HANDSHAKE_MS = 5_000;

/** How the processes know each other. */
export interface GrpcCredentials {
  readonly client: ChannelCredentials;
  readonly server: ServerCredentials;
  /** Are calls encrypted, and does each side have a certificate? */
  readonly isMutual: boolean;
}

/** Without files calls are not encrypted, and stay on this machine. @throws StartError for a file that cannot be read or used */
export function grpcCredentials(files: TlsFiles | undefined): GrpcCredentials {
  if (files === undefined) {
    return {
      client: credentials.createInsecure(),
      server: ServerCredentials.createInsecure(),
      isMutual: false,
    };
  }
  const [ca, key, cert] = [
    readPem('GRPC_CA', files.ca),
    readPem('GRPC_KEY', files.key),
    readPem('GRPC_CERT', files.cert),
  ];
  try {
    return {
      client: credentials.createSsl(ca, key, cert),
      server: withHandshakeLimit(ServerCredentials.createSsl(ca, [{ private_key: key, cert_chain: cert }], true)),
      isMutual: true,
    };
  } catch (error) {
    const { message } = error as Error;
    throw new StartError(`GRPC_CERT, GRPC_KEY and GRPC_CA do not fit together: ${message}.`, { cause: error });
  }
}

/** grpc-js has no option for it. These are the options that it passes to Node. */
function withHandshakeLimit(server: ServerCredentials): ServerCredentials {
  const options = server._getConstructorOptions();
  if (options === null) throw new Error('credentials without options of TLS');
  options.handshakeTimeout = HANDSHAKE_MS;
  return server;
}
