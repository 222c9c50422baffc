/** How a process reaches etcd. */
export interface EtcdSettings {
  /** host:port of the members; one of them is used at a time. */
  readonly endpoints: readonly string[];
  readonly isEncrypted: boolean;
  /** Paths of PEM files. Without `ca` the authorities that the system trusts. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly login: { readonly user: string; readonly password: string } | undefined;
  /** Before every key; ends with a slash. */
  readonly prefix: string;
}
