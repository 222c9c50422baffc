import type {
  Addressed,
  DeliveryChannel,
  HandOver,
} from '../../../src/contexts/notification/application/deliver/ports.ts';
import type { Kernel, Owner } from '../kernel.ts';
import { keyOf } from './store.ts';
import type { Begun, Tables } from './tables.ts';
import type { Trouble } from './transact.ts';

/** A notice in a mail that reached its user. */
export interface Arrival {
  readonly key: string;
  readonly userId: bigint;
  readonly kind: string;
  readonly subject: string;
  readonly begun: Begun;
}

/** A mail server that refuses mails for now, and whose responses get lost. */
export function openMail(kernel: Kernel, tables: Tables, trouble: () => Trouble) {
  const arrivals: Arrival[] = [];
  async function handOver(owner: Owner, { message }: Addressed): Promise<HandOver> {
    const { chance } = kernel;
    await kernel.turn(owner, '');
    if (chance.happens(trouble().refuse)) return { kind: 'NOT_SENT', reason: 'ESOCKET CONN' };
    for (const delivery of message.deliveries) {
      const { id, userId, kind, subject } = delivery;
      const begun = tables.begun.get(id);
      if (!begun) throw new Error(`delivery ${id} was handed over before that was committed`);
      kernel.say('mail', () => `${kind} about ${subject} reaches user ${userId}`);
      arrivals.push({ key: keyOf(delivery), userId, kind, subject, begun });
    }
    // The process may end or stand still here: the mail has arrived, and it does not know.
    await kernel.turn(owner, '');
    return chance.happens(trouble().loseResponse) ? { kind: 'UNKNOWN', reason: 'ETIMEDOUT' } : { kind: 'SENT' };
  }
  return {
    arrivals,
    channelOf: (owner: Owner): DeliveryChannel => ({
      name: 'EMAIL',
      concurrency: 2,
      prepare: async (messages) => messages.map((each) => ({ kind: 'SEND', handOver: () => handOver(owner, each) })),
      close: () => {},
    }),
  };
}
