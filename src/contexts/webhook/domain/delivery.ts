import { HOUR_MS, MINUTE_MS } from '../../../platform/kernel/durations.ts';
import { EXTERNAL_ID_FIELD } from '../../../platform/kernel/external-id-fields.ts';

/** DROPPED: it is not sent, because the account of its user, or its endpoint, is gone. */
export const DELIVERY_STATUSES = ['PENDING', 'DELIVERED', 'FAILED', 'DROPPED'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** The topic of deliveries that administrators send to try an endpoint. */
export const TEST_TOPIC = 'webhook.test';

/** The pauses after each failed attempt: 76 hours in all. */
export const RETRY_DELAYS_MS: readonly number[] = [
  5_000,
  30_000,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** The pause after the attempt with this number, counted from 1. Undefined: it was the last one. */
export const retryDelayMs = (attempt: number): number | undefined => RETRY_DELAYS_MS[attempt - 1];

/** The header webhook-id: the same in every attempt and replay, and another one for each endpoint and event. */
export const messageIdOf = (endpointId: bigint, eventId: string): string => `${endpointId}-${eventId}`;

/** An event as a receiver gets it. */
export interface WebhookBody {
  readonly type: string;
  /** When the event was written (RFC 3339). */
  readonly timestamp: string;
  readonly eventId: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The body of a request: the members that Standard Webhooks recommends, and the id of the event. */
export const bodyText = ({ type, timestamp, eventId, data }: WebhookBody): string =>
  JSON.stringify({ type, timestamp, eventId, data });

/** The id of the user whom the data of an event names. Undefined: it names none. */
export function userIdIn(data: Readonly<Record<string, unknown>>): string | undefined {
  const ids = Object.keys(EXTERNAL_ID_FIELD).map((field) => data[field]);
  return ids.find((id): id is string => typeof id === 'string');
}

/** Adds the external id of the user right after the id, where the user has one. */
export function withExternalId(
  data: Readonly<Record<string, unknown>>,
  externalIdOf: ReadonlyMap<string, string>,
): Readonly<Record<string, unknown>> {
  const userId = userIdIn(data);
  const externalId = externalIdOf.get(userId ?? '');
  if (externalId === undefined) return data;
  const added: Readonly<Record<string, string>> = EXTERNAL_ID_FIELD;
  return Object.fromEntries(
    Object.entries(data).flatMap((entry) => {
      const field = added[entry[0]];
      return field === undefined || entry[1] !== userId ? [entry] : [entry, [field, externalId]];
    }),
  );
}
