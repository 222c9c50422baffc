import type { VapidKey } from './vapid.ts';

/** How notices reach browsers. */
export interface PushSettings {
  readonly key: VapidKey;
  /** Where the operator of a push service reaches the sender. */
  readonly contact: string;
  /** Hosts of push services; each with all hosts below it. */
  readonly hosts: readonly string[];
}

/** Of Chrome and Edge on Android and elsewhere, Firefox, Edge on Windows, and Safari. */
export const PUSH_HOSTS = [
  'fcm.googleapis.com',
  'push.services.mozilla.com',
  'notify.windows.com',
  'push.apple.com',
] as const;
const ENDPOINT_MAX = 1_000;

/** Returns the address of a subscription: https, of a known push service, on the usual port, without credentials. Undefined: it is none. */
export function readEndpoint(text: string, hosts: readonly string[]): URL | undefined {
  const url = text.length <= ENDPOINT_MAX ? URL.parse(text) : null;
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '') return undefined;
  const isKnown = hosts.some((host) => url.host === host || url.host.endsWith(`.${host}`));
  return isKnown ? url : undefined;
}
