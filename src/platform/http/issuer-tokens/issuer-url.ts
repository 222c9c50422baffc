import { isLoopbackHost } from '../../kernel/host-port.ts';

/** May keys be read from this URL: https, or http on this machine? A response that was changed on its way would name other keys. */
export function isTrustedUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== '' || url.password !== '' || url.hash !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}
