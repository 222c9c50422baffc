import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import { isPublicAddress } from './public-address.ts';

/** A host that a user named leads to an address that must not be reached from here. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

export interface GuardedResponse {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

/** Sends requests to URLs that users chose. */
export interface GuardedHttp {
  /**
   * Follows no redirect and reads no more of the response than its status and Retry-After.
   * @throws AddressRefused, and what undici throws
   */
  post(url: URL, headers: Readonly<Record<string, string>>, body: Buffer): Promise<GuardedResponse>;
  close(): Promise<void>;
}

export interface GuardOptions {
  readonly timeoutMs: number;
  /** Which addresses may be reached for a host. Default: those of the internet. */
  readonly isAllowed?: (address: string, host: string) => boolean;
  /** Which hosts may be reached without encryption. Default: none. */
  readonly mayBePlain?: (host: string) => boolean;
  /** Connections to one origin. Default: 32. */
  readonly connections?: number;
  /** Further authorities that may have signed a server's certificate, PEM. */
  readonly ca?: string;
}

/**
 * HTTPS to hosts that users or administrators chose, and never to this machine or network unless the operator allows it: the address that a name resolves to is checked, and it is the one that is
 * connected to. A name that resolves to another address a moment later does not matter.
 */
export function guardedHttp({
  timeoutMs,
  isAllowed = isPublicAddress,
  mayBePlain = () => false,
  connections = 32,
  ca,
}: GuardOptions): GuardedHttp {
  const pinned: LookupFunction = (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, []);
      const allowed = addresses.filter(({ address }) => isAllowed(address, host));
      if (allowed.length === 0) return done(new AddressRefused(`${host} has no address that may be reached`), []);
      const [first] = allowed;
      return options.all || first === undefined ? done(null, allowed) : done(null, first.address, first.family);
    });
  };
  const agent = new Agent({
    connect: { lookup: pinned, timeout: timeoutMs, ...(ca === undefined ? {} : { ca }) },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connections,
  });
  return {
    async post(url, headers, body) {
      const host = url.hostname.replace(/^\[|\]$/g, '');
      if (url.protocol !== 'https:' && !(url.protocol === 'http:' && mayBePlain(host)))
        throw new AddressRefused('only https may be reached');
      // An address in the URL is connected to without a look-up.
      if (isIP(host) !== 0 && !isAllowed(host, host)) throw new AddressRefused(`${host} may not be reached`);
      const signal = AbortSignal.timeout(timeoutMs);
      const response = await request(url, { method: 'POST', headers, body, dispatcher: agent, signal });
      await response.body.dump({ limit: 16_384, signal }).catch(() => {});
      const { 'retry-after': retryAfter } = response.headers;
      return { status: response.statusCode, retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined };
    },
    close: () => agent.destroy(),
  };
}
