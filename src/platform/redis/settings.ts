import type { RedisUrl } from './redis-url.ts';

/** How a process reaches Redis. */
export interface RedisSettings extends RedisUrl {
  /** Paths of PEM files. Without `ca` the authorities that the system trusts. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** Stands before every key. */
  readonly prefix: string;
  /** Do nodes share the facts by which they refuse? */
  readonly gate: boolean;
}
