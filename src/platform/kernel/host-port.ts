/** `host:port` as a pattern of a regular expression, for the flag `i`. An IPv6 address stands in brackets. */
export const HOST_PORT = String.raw`(?:\[[0-9a-f:]+\]|[\w.-]{1,253}):\d{1,5}`;

/** Returns `host:port`, with an IPv6 address in brackets, as in a URL. */
export const hostPort = (host: string, port: number | string): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** Returns whether a host is this machine. An IPv6 address may stand in brackets. Other names than localhost are not looked up. */
export const isLoopbackHost = (host: string): boolean => LOOPBACK.test(host.replace(/^\[(.*)\]$/, '$1'));

/** Returns the host and the port of `host:port`, the host without brackets. */
export function splitHostPort(address: string): { readonly host: string; readonly port: string } {
  const colon = address.lastIndexOf(':');
  return { host: address.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: address.slice(colon + 1) };
}

/** Returns an address, or a list of some, without the logins before its last `@`: for messages, also about text that is no address. */
export const withoutLogins = (text: string): string => text.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1[redacted]@');

/** Returns whether `host:port` is on this machine. */
export const isLoopback = (address: string): boolean => isLoopbackHost(splitHostPort(address).host);
