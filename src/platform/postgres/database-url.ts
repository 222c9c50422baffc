/** A host of DATABASE_URL, and the URL that names it alone. */
export interface DatabaseHost {
  readonly host: string;
  readonly port: number;
  readonly url: string;
}

export interface DatabaseUrl {
  /** In the order given; at least one. */
  readonly hosts: readonly DatabaseHost[];
  /** False with `target_session_attrs=any`: a server that only reads will do. */
  readonly needsWrites: boolean;
}

const PARTS = /^(postgres(?:ql)?:\/\/)([^/?#]*@)?([^/?#@]*)(.*)$/s;
const HOST = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i;
const DEFAULT_PORT = 5432;
const PORT_MAX = 65_535;

/**
 * Reads `postgres://user:password@host:port,host:port/database?parameters`. Several hosts are one PostgreSQL: the server that
 * accepts writes and those that replace it. Neither `pg` nor `URL` reads several, so each host becomes a URL of its own.
 * @throws Error with the required form, without the URL, which contains a password
 */
export function parseDatabaseUrl(text: string): DatabaseUrl {
  const [, scheme, login = '', authority = '', rest = ''] = PARTS.exec(text) ?? [];
  if (scheme === undefined) throw new Error('must be a PostgreSQL URL');
  const names = authority.split(',');
  const hosts = names.map((name) => hostOf(name, `${scheme}${login}${name}${rest}`, names.length > 1));
  const [first] = hosts;
  if (first === undefined) throw new Error('must name a host');
  const { searchParams } = new URL(first.url);
  if (searchParams.get('host')?.includes(',')) {
    throw new Error('must name several hosts before the path, as in host1:5432,host2:5432/database');
  }
  const wanted = searchParams.get('target_session_attrs') ?? 'read-write';
  if (wanted !== 'read-write' && wanted !== 'any') throw new Error('accepts target_session_attrs=read-write or any');
  return { hosts, needsWrites: wanted === 'read-write' };
}

function hostOf(name: string, url: string, isOneOfSeveral: boolean): DatabaseHost {
  const [, host = '', port] = HOST.exec(name) ?? [];
  if (isOneOfSeveral && (host === '' || Number(port ?? DEFAULT_PORT) > PORT_MAX)) {
    throw new Error('must name each of several hosts as host:port, separated by commas');
  }
  if (!URL.canParse(url)) throw new Error('must be a PostgreSQL URL');
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port ?? DEFAULT_PORT), url };
}

/** Returns the URL without its password, for display. */
export function withoutPassword(text: string): string {
  const { hosts } = parseDatabaseUrl(text);
  const shown = hosts.map(({ url: one }) => {
    const url = new URL(one);
    url.password = '';
    url.searchParams.delete('password');
    return url;
  });
  const [first, ...others] = shown;
  if (first === undefined) return '';
  return first.href.replace(first.host, [first, ...others].map(({ host }) => host).join(','));
}
