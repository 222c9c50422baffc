import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { EtcdSettings } from '../../platform/etcd/settings.ts';
import { readPublicKeys } from '../../platform/grpc/principal-tokens.ts';
import { commandLine } from '../../platform/kernel/command-line.ts';
import { HOST_PORT } from '../../platform/kernel/host-port.ts';
import { CONTEXT_NAMES, type ContextName, PARTS, type Part } from '../parts.ts';
import type { Way } from './database-variables.ts';
import { ETCD_VARIABLES, etcdOf } from './etcd-variables.ts';
import { databaseUrl, ownHost, PORT_MAX, rotatedSecret, webUrl, wholeNumber } from './schemas.ts';
import { PEM_FILE, type ValuesOf, type Variable, type Variables } from './variable.ts';

/** As docs/configuration.md lists the variables of each context. */
const BY_NAME = CONTEXT_NAMES.toSorted();

type VariableNameOf<Name extends string, Suffix extends string> = `${Uppercase<Name>}_${Suffix}`;
const variable = <Name extends string, Suffix extends string>(
  name: Name,
  suffix: Suffix,
): VariableNameOf<Name, Suffix> => `${name.toUpperCase() as Uppercase<Name>}_${suffix}`;

const DNS = 'dns:';
/** `host:port`, several with commas, or `dns:host:port`. */
export const serviceAddress = z
  .string()
  .regex(
    new RegExp(`^(${HOST_PORT}(,${HOST_PORT})*|${DNS}${HOST_PORT})$`, 'i'),
    'must be host:port, several of them separated by commas, or dns:host:port',
  )
  .transform(
    (text): ServiceAddress =>
      text.startsWith(DNS)
        ? { kind: 'DNS', addresses: [text.slice(DNS.length)] }
        : { kind: 'STATIC', addresses: text.split(',') },
  );

/** Where the instances of a context are: at each of the addresses, or at every address of the one name. */
export interface ServiceAddress {
  readonly kind: 'STATIC' | 'DNS';
  /** host:port. */
  readonly addresses: readonly string[];
}

const DATABASE = {
  schema: databaseUrl().optional(),
  advice: (name: string) => `Set for example ${name}=postgres://user:password@host:5432/database.`,
  isSecret: true,
};

/** Where the contexts are that another process hosts, and what a process listens on for others. */
export const SERVICE_VARIABLES = {
  GRPC_PORT: {
    schema: wholeNumber(0, PORT_MAX).prefault('50051'),
    advice: 'Set for example GRPC_PORT=50051.',
  },
  GRPC_HOST: {
    schema: ownHost().default('127.0.0.1'),
    advice:
      'Set GRPC_HOST=127.0.0.1 to serve this machine only, or GRPC_HOST=0.0.0.0 with GRPC_CERT, GRPC_KEY and GRPC_CA.',
  },
  GRPC_ADVERTISE: {
    schema: z
      .string()
      .regex(new RegExp(`^${HOST_PORT}$`, 'i'), 'must be host:port')
      .optional(),
    advice: 'Set for example GRPC_ADVERTISE=10.0.0.7:50051, or leave it out.',
  },
  GRPC_CERT: PEM_FILE,
  GRPC_KEY: PEM_FILE,
  GRPC_CA: PEM_FILE,
  SERVICE_SECRET: {
    schema: rotatedSecret().optional(),
    advice: 'Set SERVICE_SECRET to the output of: openssl rand -base64 48',
    isSecret: true,
  },
  GATEWAY_PUBLIC_KEY: {
    schema: z
      .string()
      .transform((text) => readPublicKeys(text))
      .refine((keys) => keys !== undefined, `must be what ${commandLine('gateway-key')} prints`)
      .optional(),
    advice: `Set what ${commandLine('gateway-key')} prints where the gateway runs.`,
  },
  ...ETCD_VARIABLES,
  SHUTDOWN_DELAY_MS: {
    schema: wholeNumber(0, 60_000).optional(),
    advice: 'Set for example SHUTDOWN_DELAY_MS=1000.',
  },
  GATEWAY_URL: {
    schema: webUrl().optional(),
    advice: 'Set for example GATEWAY_URL=http://127.0.0.1:4000.',
  },
  GATEWAY_DATABASE_URL: DATABASE,
  ...byName('DATABASE_URL', DATABASE),
  ...byName('READ_DATABASE_URL', DATABASE),
  ...byName('DATABASE_POOLER_URL', DATABASE),
  ...byName('ADDRESS', {
    schema: serviceAddress.optional(),
    advice: (name: string) => `Set for example ${name}=127.0.0.1:50051.`,
  }),
} satisfies Variables;

function byName<Suffix extends string, Entry extends Variable>(suffix: Suffix, entry: Entry) {
  const entries = BY_NAME.map((name) => [variable(name, suffix), entry]);
  return Object.fromEntries(entries) as Record<VariableNameOf<ContextName, Suffix>, Entry>;
}

export type DatabaseVariable = VariableNameOf<Part, 'DATABASE_URL'>;
export const databaseVariable = (part: Part): DatabaseVariable => variable(part, 'DATABASE_URL');
type WayVariable = VariableNameOf<ContextName, Way>;
export const wayVariable = (name: ContextName, way: Way): WayVariable => variable(name, way);
export const addressVariable = (name: ContextName): VariableNameOf<ContextName, 'ADDRESS'> => variable(name, 'ADDRESS');

/** Paths of PEM files: the certificate of this process with its chain, its key, and the authority of all certificates. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** How this process finds the others. */
export interface ServiceSettings {
  /** 0 chooses a free port. */
  readonly grpcPort: number;
  readonly grpcHost: string;
  /** Undefined: calls are not encrypted. Some of the files: the others are missing. */
  readonly tls: Partial<TlsFiles> | undefined;
  /** Sign the tokens by which services know each other; the first one new ones. Empty: they follow from `jwtSecrets`. */
  readonly secrets: readonly string[];
  /** Checks for whom the gateway calls. Undefined: it follows from `jwtSecrets`. */
  readonly gatewayPublicKeys: readonly KeyObject[] | undefined;
  /** Where a process without the gateway reaches it, without a slash at the end. */
  readonly gatewayUrl: string | undefined;
  /** Databases of their own. Absent: DATABASE_URL. */
  readonly databaseUrls: Readonly<Partial<Record<Part, string>>>;
  /** The replicas and poolers of those. Absent: READ_DATABASE_URL and DATABASE_POOLER_URL, for contexts without a database of their own. */
  readonly ways: Readonly<Record<Way, Readonly<Partial<Record<ContextName, string>>>>>;
  /** host:port at which others reach this process. Undefined: where it listens. */
  readonly advertise: string | undefined;
  /** Where the processes find each other. Undefined: by their addresses. */
  readonly etcd: EtcdSettings | undefined;
  /** How long a process that stops goes on serving those who do not know yet. Undefined: the default of its target. */
  readonly shutdownDelayMs: number | undefined;
  /** Of contexts that other processes host. */
  readonly addresses: Readonly<Partial<Record<ContextName, ServiceAddress>>>;
}

type Values = ValuesOf<typeof SERVICE_VARIABLES>;

export function servicesOf(values: Values): ServiceSettings {
  return {
    grpcPort: values.GRPC_PORT,
    grpcHost: values.GRPC_HOST,
    tls: tlsOf(values),
    secrets: values.SERVICE_SECRET ?? [],
    gatewayPublicKeys: values.GATEWAY_PUBLIC_KEY,
    gatewayUrl: values.GATEWAY_URL,
    advertise: values.GRPC_ADVERTISE,
    etcd: etcdOf(values),
    shutdownDelayMs: values.SHUTDOWN_DELAY_MS,
    databaseUrls: given(PARTS, (part) => values[databaseVariable(part)]),
    ways: {
      READ_DATABASE_URL: given(CONTEXT_NAMES, (name) => values[wayVariable(name, 'READ_DATABASE_URL')]),
      DATABASE_POOLER_URL: given(CONTEXT_NAMES, (name) => values[wayVariable(name, 'DATABASE_POOLER_URL')]),
    },
    addresses: given(CONTEXT_NAMES, (name) => values[addressVariable(name)]),
  };
}

function tlsOf({ GRPC_CERT: cert, GRPC_KEY: key, GRPC_CA: ca }: Values): Partial<TlsFiles> | undefined {
  if (cert === undefined && key === undefined && ca === undefined) return undefined;
  return {
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(ca === undefined ? {} : { ca }),
  };
}

/** Undefined: some of the files are missing. */
export const completeTls = (tls: Partial<TlsFiles> | undefined): TlsFiles | undefined =>
  tls?.cert !== undefined && tls.key !== undefined && tls.ca !== undefined
    ? { cert: tls.cert, key: tls.key, ca: tls.ca }
    : undefined;

function given<Name extends string, Value>(names: readonly Name[], read: (name: Name) => Value | undefined) {
  const entries = names.flatMap((name) => {
    const value = read(name);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(entries) as Partial<Record<Name, Value>>;
}
