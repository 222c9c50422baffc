import type { DeliveryOf, Handler } from '../../../platform/events/bus.ts';
import type { WebhookEvents } from '../../webhook/api.ts';
import { webhookDisabledFacts } from '../domain/administrator-notice.ts';
import type { IntakeStore } from './ports.ts';

/** A consumer group of its own: it calls identity, for which notices of users never wait. */
export const ADMINISTRATORS_CONSUMER = 'notification.administrators';
export const ADMINISTRATOR_TOPICS = ['webhook.disabled'] as const satisfies readonly (keyof WebhookEvents)[];
type AdministratorEvent = DeliveryOf<WebhookEvents, (typeof ADMINISTRATOR_TOPICS)[number]>;

/** What identity does for notices of administrators. */
export interface Administrators {
  listAdministrators(request: Readonly<Record<string, never>>): Promise<{ readonly userIds: readonly bigint[] }>;
}

export interface AdministratorEventsDeps {
  readonly intake: Pick<IntakeStore, 'addOnce'>;
  readonly identity: Administrators;
  /** Called after facts were stored. */
  readonly onStored: () => void;
}

/** Stores a notice for each present administrator. While identity is away the events wait. */
export const onAdministratorEvents =
  ({ intake, identity, onStored }: AdministratorEventsDeps): Handler<AdministratorEvent> =>
  async (batch) => {
    // Before the transaction, which waits for no other context.
    const { userIds } = await identity.listAdministrators({});
    await intake.addOnce(ADMINISTRATORS_CONSUMER, batch, (fresh) =>
      fresh.flatMap(({ event }) => webhookDisabledFacts(event.data, userIds)),
    );
    onStored();
  };
