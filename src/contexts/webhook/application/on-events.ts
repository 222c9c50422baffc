import type { Delivery, Handler } from '../../../platform/events/bus.ts';
import type { Clock } from '../../../platform/kernel/clock.ts';
import { slices } from '../../../platform/kernel/slices.ts';
import { bodyText, userIdIn, withExternalId } from '../domain/delivery.ts';
import { EVERY_TOPIC } from '../domain/endpoint.ts';
import { subjectOf, USER_DELETED } from '../domain/topics.ts';
import type { DeliveryIntake, ExternalIdsOf, OfferedEvent } from './ports.ts';

/** Where no endpoint wants any event, a batch is one question, whatever its size. */
export const INTAKE_BATCH_MAX = 2_048;
/** Events in a transaction, which is one claim and one insert: each carries the body of its requests. */
const STORED_MAX = 512;

export interface OnEventsDeps {
  readonly intake: DeliveryIntake;
  /** Of each topic, the name of its key. */
  readonly topics: Readonly<Record<string, { readonly key: string }>>;
  readonly externalIdsOf: ExternalIdsOf;
  readonly clock: Clock;
  readonly onStored: () => void;
}

/**
 * Stores a delivery for each event and each endpoint that wants it. Where no endpoint wants any of a batch, nothing is written: events that come before an
 * endpoint is created are not for it.
 */
export const onEvents = ({ intake, topics, externalIdsOf, clock, onStored }: OnEventsDeps): Handler => {
  const userSubject = (userId: string): string => subjectOf(topics, USER_DELETED, userId);

  async function store(batch: readonly Delivery[], isWanted: (topic: string) => boolean): Promise<void> {
    // Before the transaction, which waits for no other context.
    const users = usersOf(batch);
    const known: ReadonlyMap<bigint, string> = users.length === 0 ? new Map() : await externalIdsOf(users);
    const externalIdOf = new Map([...known].map(([userId, externalId]) => [String(userId), externalId]));
    const offer = (fresh: readonly Delivery[]): readonly OfferedEvent[] =>
      fresh
        .filter(({ topic }) => isWanted(topic))
        .map(({ topic, key, event: { eventId, timestamp, data } }) => {
          const userId = userIdIn(data);
          return {
            eventId,
            topic,
            subject: subjectOf(topics, topic, key),
            body: bodyText({ type: topic, timestamp, eventId, data: withExternalId(data, externalIdOf) }),
            identifiedUser: userId !== undefined && externalIdOf.has(userId) ? userSubject(userId) : null,
          };
        });
    const deletedUsers = (fresh: readonly Delivery[]): readonly string[] =>
      fresh.filter(({ topic }) => topic === USER_DELETED).map(({ key }) => userSubject(key));
    await intake.addOnce(batch, offer, deletedUsers, new Date(clock()));
    onStored();
  }

  return async (batch) => {
    const wanted = await intake.wantedTopics();
    const isWanted = (topic: string): boolean => wanted.has(topic) || wanted.has(EVERY_TOPIC);
    const taken = batch.filter(({ topic }) => isWanted(topic) || topic === USER_DELETED);
    for (const part of slices(taken, STORED_MAX)) await store(part, isWanted);
  };
};

function usersOf(batch: readonly Delivery[]): readonly bigint[] {
  const texts = batch.map(({ event }) => userIdIn(event.data)).filter((userId) => userId !== undefined);
  return [...new Set(texts)].map(BigInt);
}
