/** Where mail is handed over, and what it says of its sender. */
export interface MailSettings {
  readonly smtp: SmtpServer;
  readonly from: MailAddress;
  /** The base of links, without a slash at the end. */
  readonly linkBase: string;
  /** Undefined: mail is not signed here. */
  readonly dkim: DkimKey | undefined;
  /** What the end of marketing mail states of its sender. Undefined: no marketing mail is sent. */
  readonly sender: MailSender | undefined;
  /** Mails a minute to the addresses of one domain, over all nodes. */
  readonly domainRate: number;
  /** Sign the links that end mails; the first one makes new links. */
  readonly linkSecrets: readonly string[];
}

export interface DkimKey {
  readonly domain: string;
  readonly selector: string;
  /** PEM. */
  readonly privateKey: string;
}

/** Korea, Network Act, article 50 (4): who sends marketing states a name and how to be reached. */
export interface MailSender {
  readonly name: string;
  readonly address: string;
  readonly phone: string;
}

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte (`smtps:`). Otherwise STARTTLS, where the server offers it. */
  readonly isImplicitTls: boolean;
  readonly login: { readonly user: string; readonly password: string } | undefined;
}

export interface MailAddress {
  /** Empty: none. */
  readonly name: string;
  readonly address: string;
}

/** RFC 8314: 465 with TLS from the first byte, 587 for submission. */
const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['smtp:', 587],
  ['smtps:', 465],
]);
const SMTP_FORM = 'must be smtp://user:password@host:port or smtps://user:password@host:port, without a path';

/**
 * Reads `smtp://user:password@host:587`. Special characters of user and password are percent-encoded.
 * @throws Error with the required form, without the URL, which contains a password
 */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const defaultPort = DEFAULT_PORTS.get(url?.protocol ?? '');
  if (url === undefined || defaultPort === undefined || !/^[\w.-]+$|^\[[\da-f:.]+\]$/i.test(url.hostname)) {
    throw new Error(SMTP_FORM);
  }
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '' || url.port === '0') {
    throw new Error(SMTP_FORM);
  }
  if ((url.username === '') !== (url.password === '')) throw new Error('must have both a user and a password, or none');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? defaultPort : Number(url.port),
    isImplicitTls: url.protocol === 'smtps:',
    login: url.username === '' ? undefined : { user: decoded(url.username), password: decoded(url.password) },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error('must have the special characters of user and password percent-encoded');
  }
}

const ADDRESS = /^[^\s"(),:;<>@[\\\]\p{C}]+@[\p{L}\p{N}][\p{L}\p{N}.-]*$/u;
const WITH_NAME = /^(?:"([^"\\\p{C}]+)"|([^"<>@,;:\\\p{C}]+?)) *<([^<>]+)>$/u;
const ADDRESS_MAX = 254;

/** Reads `no-reply@shop.example.com` or `Shop <no-reply@shop.example.com>`. Returns undefined for anything else. */
export function parseMailAddress(text: string): MailAddress | undefined {
  const [, quoted, plain, inBrackets] = WITH_NAME.exec(text) ?? [];
  const address = inBrackets ?? text;
  if (address.length > ADDRESS_MAX || !ADDRESS.test(address)) return undefined;
  return { name: (quoted ?? plain ?? '').trim(), address };
}
