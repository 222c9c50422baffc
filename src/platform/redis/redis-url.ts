/** How the servers that a URL names belong together. */
export type RedisTopology =
  | { readonly kind: 'SINGLE' }
  /** The hosts are sentinels, which know the address of the master of this name. */
  | { readonly kind: 'SENTINEL'; readonly master: string }
  /** The hosts are some of the cluster's nodes, which list the others. */
  | { readonly kind: 'CLUSTER' };

export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

export interface RedisUrl {
  readonly topology: RedisTopology;
  /** At least one; one only for SINGLE. */
  readonly hosts: readonly RedisHost[];
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
}

const PARTS = /^(rediss?)(?:\+(sentinel|cluster))?:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^@/?#]+)(?:\/([\w.-]*))?$/;
const HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i;
const DEFAULT_PORT = 6379;
const DEFAULT_SENTINEL_PORT = 26_379;
const PORT_MAX = 65_535;
const FORMS =
  'must be redis://user:password@host:6379/0, redis+sentinel://host:26379,host:26379/master or redis+cluster://host:6379,host:6379, with rediss to encrypt';

/**
 * Reads the URL of one Redis, of the sentinels of one, or of nodes of a cluster.
 * @throws Error with the required form, without the URL, which may contain a password
 */
export function parseRedisUrl(text: string): RedisUrl {
  const [, scheme, kind, user, password, authority = '', path = ''] = PARTS.exec(text) ?? [];
  if (scheme === undefined) throw new Error(FORMS);
  const topology = topologyOf(kind, path);
  const hosts = authority.split(',').map((name) => hostOf(name, topology.kind));
  if (topology.kind === 'SINGLE' && hosts.length > 1) throw new Error(FORMS);
  const isNumbered = topology.kind !== 'SENTINEL' && path !== '';
  if (isNumbered && (topology.kind === 'CLUSTER' || !/^\d{1,3}$/.test(path))) throw new Error(FORMS);
  return {
    topology,
    hosts,
    isEncrypted: scheme === 'rediss',
    user: decoded(user),
    password: decoded(password),
    database: isNumbered ? Number(path) : 0,
  };
}

function topologyOf(kind: string | undefined, path: string): RedisTopology {
  if (kind === 'cluster') return { kind: 'CLUSTER' };
  if (kind !== 'sentinel') return { kind: 'SINGLE' };
  if (path === '') throw new Error(FORMS);
  return { kind: 'SENTINEL', master: path };
}

function hostOf(name: string, kind: RedisTopology['kind']): RedisHost {
  const [, host, port] = HOST.exec(name) ?? [];
  const number = Number(port ?? (kind === 'SENTINEL' ? DEFAULT_SENTINEL_PORT : DEFAULT_PORT));
  if (host === undefined || number === 0 || number > PORT_MAX) throw new Error(FORMS);
  return { host: host.replace(/^\[|\]$/g, ''), port: number };
}

function decoded(part: string | undefined): string | undefined {
  if (part === undefined || part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error(FORMS);
  }
}
