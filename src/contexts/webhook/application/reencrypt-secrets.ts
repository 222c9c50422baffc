import type { Logger } from 'pino';
import type { ScheduledTask } from '../../../platform/context.ts';
import type { EndpointStore, SecretBox } from './ports.ts';

export interface ReencryptDeps {
  readonly store: Pick<EndpointStore, 'replaceSecrets'>;
  readonly box: SecretBox;
  /** Whether there are secrets that decrypt and do not encrypt. */
  readonly hasOlder: boolean;
  readonly log: Logger;
  /** Called after each run with the number of stored secrets that no known secret decrypts. */
  readonly onUnreadable: (count: number) => void;
}

/**
 * Encrypts the secrets of endpoints with the first secret of the configuration, where an older one did, so that the older one can be removed. Each process
 * logs once when that is done: from then on nothing in the database needs the older ones.
 */
export function reencryptSecrets({ store, box, hasOlder, log, onUnreadable }: ReencryptDeps): ScheduledTask {
  let isLogged = false;
  return {
    name: 'webhook.reencrypt-secrets',
    everyMinutes: 1,
    async run() {
      const unreadable = new Set<bigint>();
      const replaced = await store.replaceSecrets((sealed, id) => {
        if (box.isCurrent(sealed, id)) return undefined;
        const key = box.open(sealed, id);
        if (key === undefined) unreadable.add(id);
        return key && box.seal(key, id);
      });
      onUnreadable(unreadable.size);
      if (unreadable.size > 0) {
        const webhookIds = [...unreadable].map(String);
        log.error(
          { webhookIds },
          'secrets of webhooks cannot be decrypted; add the secret that encrypted them to WEBHOOK_ENCRYPTION_SECRET (without it: JWT_SECRET), or replace them',
        );
      } else if (replaced > 0 || (hasOlder && !isLogged)) {
        isLogged = true;
        log.info(
          { replaced },
          'the secrets of all webhooks are encrypted with the first of the encryption secrets of this process; its other ones are not needed for them any more',
        );
      }
      return replaced;
    },
  };
}
