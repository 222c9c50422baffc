import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { EtcdSettings } from '../platform/etcd/settings.ts';
import { readPublicKeys } from '../platform/grpc/principal-tokens.ts';
import { commandLine } from '../platform/kernel/command-line.ts';
import { HOST_PORT, isLoopback, withoutLogins } from '../platform/kernel/host-port.ts';
import { rotatedSecrets } from '../platform/kernel/rotated-secrets.ts';
import { CONTEXT_NAMES, type ContextName, PARTS, type Part } from './parts.ts';
import { wholeNumber } from './whole-number.ts';

const PORT_MAX = 65_535;
/** As for JWT_SECRET: its tokens are HMAC-SHA256, too. */
const SECRET_MIN_BYTES = 32;
/** As docs/configuration.md lists the variables of each context. */
const BY_NAME = CONTEXT_NAMES.toSorted();

type Variable<Name extends string, Suffix extends string> = `${Uppercase<Name>}_${Suffix}`;
const variable = <Name extends string, Suffix extends string>(name: Name, suffix: Suffix): Variable<Name, Suffix> =>
  `${name.toUpperCase() as Uppercase<Name>}_${suffix}`;

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
const address = serviceAddress.optional();

/** Where the instances of a context are: at each of the addresses, or at every address of the one name. */
export interface ServiceAddress {
  readonly kind: 'STATIC' | 'DNS';
  /** host:port. */
  readonly addresses: readonly string[];
}

/** Where the contexts are that another process hosts, and what a process listens on for others. */
export const serviceVariables = (checkDatabaseUrl: (text: string, context: z.RefinementCtx) => void) => {
  const database = z.string().superRefine(checkDatabaseUrl).optional();
  return {
    GRPC_PORT: wholeNumber(0, PORT_MAX).prefault('50051'),
    GRPC_HOST: z
      .string()
      .regex(/^[\w.:-]+$/, 'must be an address or host name of this machine')
      .default('127.0.0.1'),
    GRPC_ADVERTISE: z
      .string()
      .regex(new RegExp(`^${HOST_PORT}$`, 'i'), 'must be host:port')
      .optional(),
    GRPC_CERT: z.string().optional(),
    GRPC_KEY: z.string().optional(),
    GRPC_CA: z.string().optional(),
    SERVICE_SECRET: z
      .string()
      .refine(
        (secrets) => rotatedSecrets(secrets).every((secret) => Buffer.byteLength(secret) >= SECRET_MIN_BYTES),
        `must have at least ${SECRET_MIN_BYTES} bytes, several separated by commas`,
      )
      .optional(),
    GATEWAY_PUBLIC_KEY: z
      .string()
      .transform((text) => readPublicKeys(text))
      .refine((keys) => keys !== undefined, `must be what ${commandLine('gateway-key')} prints`)
      .optional(),
    ETCD_ENDPOINTS: z
      .string()
      .regex(
        new RegExp(`^(https?://)?${HOST_PORT}(,(https?://)?${HOST_PORT})*$`, 'i'),
        'must be host:port, several of them separated by commas',
      )
      .transform((text) => text.split(','))
      .optional(),
    ETCD_PREFIX: z
      .string()
      .regex(/^[\w./-]{0,100}\/$/, 'must be letters, digits, dots, hyphens and slashes with a slash at the end')
      .default('/stampede/'),
    ETCD_USER: z.string().optional(),
    ETCD_PASSWORD: z.string().optional(),
    ETCD_CA: z.string().optional(),
    ETCD_CERT: z.string().optional(),
    ETCD_KEY: z.string().optional(),
    SHUTDOWN_DELAY_MS: wholeNumber(0, 60_000).optional(),
    GATEWAY_URL: z
      .string()
      .regex(/^https?:\/\/[^\s?#]+$/, 'must be an http or https URL without query')
      .transform((url) => url.replace(/\/+$/, ''))
      .optional(),
    GATEWAY_DATABASE_URL: database,
    ...byName('DATABASE_URL', database),
    ...byName('READ_DATABASE_URL', database),
    ...byName('DATABASE_POOLER_URL', database),
    ...byName('ADDRESS', address),
  };
};

function byName<Suffix extends string, Schema>(suffix: Suffix, schema: Schema) {
  const entries = BY_NAME.map((name) => [variable(name, suffix), schema]);
  return Object.fromEntries(entries) as Record<Variable<ContextName, Suffix>, Schema>;
}

export type DatabaseVariable = Variable<Part, 'DATABASE_URL'>;
export const databaseVariable = (part: Part): DatabaseVariable => variable(part, 'DATABASE_URL');
export const DATABASE_VARIABLES: readonly DatabaseVariable[] = PARTS.map(databaseVariable);
/** Other ways to the database of a context: its read replica, and its pooler. */
export const WAYS = ['READ_DATABASE_URL', 'DATABASE_POOLER_URL'] as const;
export type Way = (typeof WAYS)[number];
type WayVariable = Variable<ContextName, Way>;
export const wayVariable = (name: ContextName, way: Way): WayVariable => variable(name, way);
export const WAY_VARIABLES: readonly WayVariable[] = WAYS.flatMap((way) =>
  CONTEXT_NAMES.map((name) => wayVariable(name, way)),
);
export const addressVariable = (name: ContextName): Variable<ContextName, 'ADDRESS'> => variable(name, 'ADDRESS');

export const SERVICE_ADVICE = {
  GRPC_PORT: 'Set for example GRPC_PORT=50051.',
  GRPC_HOST:
    'Set GRPC_HOST=127.0.0.1 to serve this machine only, or GRPC_HOST=0.0.0.0 with GRPC_CERT, GRPC_KEY and GRPC_CA.',
  GRPC_ADVERTISE: 'Set for example GRPC_ADVERTISE=10.0.0.7:50051, or leave it out.',
  GRPC_CERT: 'Set the path of a PEM file.',
  GRPC_KEY: 'Set the path of a PEM file.',
  GRPC_CA: 'Set the path of a PEM file.',
  SERVICE_SECRET: 'Set SERVICE_SECRET to the output of: openssl rand -base64 48',
  GATEWAY_PUBLIC_KEY: `Set what ${commandLine('gateway-key')} prints where the gateway runs.`,
  ETCD_ENDPOINTS: 'Set for example ETCD_ENDPOINTS=127.0.0.1:2379, or leave it out.',
  ETCD_PREFIX: 'Set for example ETCD_PREFIX=/staging/.',
  ETCD_USER: 'Set the name of a user of etcd, or leave it out.',
  ETCD_PASSWORD: 'Set the password of ETCD_USER.',
  ETCD_CA: 'Set the path of a PEM file.',
  ETCD_CERT: 'Set the path of a PEM file.',
  ETCD_KEY: 'Set the path of a PEM file.',
  SHUTDOWN_DELAY_MS: 'Set for example SHUTDOWN_DELAY_MS=1000.',
  GATEWAY_URL: 'Set for example GATEWAY_URL=http://127.0.0.1:4000.',
  ...(Object.fromEntries(
    [...DATABASE_VARIABLES, ...WAY_VARIABLES].map((name) => [
      name,
      `Set for example ${name}=postgres://user:password@host:5432/database.`,
    ]),
  ) as Record<DatabaseVariable | WayVariable, string>),
  ...(Object.fromEntries(
    CONTEXT_NAMES.map((name) => [
      variable(name, 'ADDRESS'),
      `Set for example ${variable(name, 'ADDRESS')}=127.0.0.1:50051.`,
    ]),
  ) as Record<Variable<ContextName, 'ADDRESS'>, string>),
};

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
  /** Signs the tokens by which services know each other. Undefined: `jwtSecret` does. */
  readonly secret: string | undefined;
  /** Checks for whom the gateway calls. Undefined: it follows from `jwtSecret`. */
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

type Values = { readonly [Name in DatabaseVariable | WayVariable]?: string | undefined } & {
  readonly [Name in Variable<ContextName, 'ADDRESS'>]?: ServiceAddress | undefined;
} & {
  readonly GRPC_PORT: number;
  readonly GRPC_HOST: string;
  readonly GRPC_CERT?: string | undefined;
  readonly GRPC_KEY?: string | undefined;
  readonly GRPC_CA?: string | undefined;
  readonly SERVICE_SECRET?: string | undefined;
  readonly GATEWAY_PUBLIC_KEY?: readonly KeyObject[] | undefined;
  readonly GATEWAY_URL?: string | undefined;
  readonly GRPC_ADVERTISE?: string | undefined;
  readonly SHUTDOWN_DELAY_MS?: number | undefined;
} & EtcdValues;

interface EtcdValues {
  readonly ETCD_ENDPOINTS?: readonly string[] | undefined;
  readonly ETCD_PREFIX: string;
  readonly ETCD_USER?: string | undefined;
  readonly ETCD_PASSWORD?: string | undefined;
  readonly ETCD_CA?: string | undefined;
  readonly ETCD_CERT?: string | undefined;
  readonly ETCD_KEY?: string | undefined;
}

export function servicesOf(values: Values): ServiceSettings {
  return {
    grpcPort: values.GRPC_PORT,
    grpcHost: values.GRPC_HOST,
    tls: tlsOf(values),
    secret: values.SERVICE_SECRET,
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

const SCHEME = /^https?:\/\//i;

function etcdOf(values: EtcdValues): EtcdSettings | undefined {
  const { ETCD_ENDPOINTS: endpoints, ETCD_USER: user, ETCD_PASSWORD: password } = values;
  if (endpoints === undefined) return undefined;
  const { ETCD_CA: ca, ETCD_CERT: cert, ETCD_KEY: key } = values;
  return {
    endpoints: endpoints.map((endpoint) => endpoint.replace(SCHEME, '')),
    isEncrypted: ca !== undefined || endpoints.some((endpoint) => /^https:/i.test(endpoint)),
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
    login: user === undefined ? undefined : { user, password: password ?? '' },
    prefix: values.ETCD_PREFIX,
  };
}

/** Returns a line for each variable of etcd that lacks another one. `given`: the variables as they are set. */
export function etcdProblems(given: Readonly<Record<string, string | undefined>>): readonly string[] {
  const names = ['ETCD_USER', 'ETCD_PASSWORD', 'ETCD_CA', 'ETCD_CERT', 'ETCD_KEY', 'GRPC_ADVERTISE'] as const;
  if (given['ETCD_ENDPOINTS'] === undefined) {
    const alone = names.filter((name) => given[name] !== undefined);
    return alone.map((name) => `${name} has no effect without ETCD_ENDPOINTS. ${SERVICE_ADVICE.ETCD_ENDPOINTS}`);
  }
  const problems: string[] = [];
  const pairs = [
    ['ETCD_USER', 'ETCD_PASSWORD'],
    ['ETCD_CERT', 'ETCD_KEY'],
  ] as const;
  for (const [one, other] of pairs) {
    if ((given[one] === undefined) !== (given[other] === undefined))
      problems.push(`${one} and ${other} belong together. Set both.`);
  }
  const endpoints = given['ETCD_ENDPOINTS'].split(',');
  const secure = endpoints.filter((endpoint) => /^https:/i.test(endpoint)).length;
  if (secure > 0 && secure < endpoints.length)
    problems.push('ETCD_ENDPOINTS mixes https with others. Set https for all.');
  if (given['ETCD_CA'] !== undefined && endpoints.some((endpoint) => /^http:/i.test(endpoint)))
    problems.push('ETCD_CA encrypts, and ETCD_ENDPOINTS has http. Set https, or leave ETCD_CA out.');
  const far = endpoints.find((endpoint) => !isLoopback(endpoint.replace(SCHEME, '')));
  if (far !== undefined && secure === 0 && given['ETCD_CA'] === undefined) {
    const shown = withoutLogins(far);
    problems.push(
      `ETCD_ENDPOINTS has ${shown}, which is not on this machine and not encrypted. Set https://${shown.replace(SCHEME, '')}, and ETCD_CA to its authority.`,
    );
  }
  return problems;
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
