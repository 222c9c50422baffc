import { executeOnce, type Responding } from '../../../../../platform/kernel/command-key.ts';
import { toRefusalResponse } from '../../../../../platform/kernel/refusal.ts';
import { type PushSettings, readEndpoint } from '../../../../../platform/web-push/settings.ts';
import {
  type DeletePushSubscriptionRequest,
  type GetPushKeyResponse,
  type PushSubscriptionResponse,
  type SavePushSubscriptionRequest,
  stored,
} from '../../../api.ts';
import { refuse } from '../../../refusals.ts';
import type { SubscriptionSaved, SubscriptionStore } from './ports.ts';

export const getPushKey = (settings: PushSettings | undefined) => async (): Promise<GetPushKeyResponse> =>
  settings === undefined
    ? toRefusalResponse(refuse('PUSH_NOT_CONFIGURED'))
    : { outcome: { $case: 'key', value: { publicKey: settings.key.publicKey } } };

/** A point of P-256, uncompressed: 65 bytes that begin with 4. */
const PUBLIC_KEY = /^B[\w-]{86}$/;
/** 16 bytes. */
const AUTH = /^[\w-]{22}$/;

/** The endpoint is fetched from later, so only those of known push services are taken. */
export const savePushSubscription =
  (store: Pick<SubscriptionStore, 'save'>, settings: PushSettings | undefined) =>
  async ({
    userId,
    endpoint,
    p256dh,
    auth,
    commandKey,
  }: SavePushSubscriptionRequest): Promise<PushSubscriptionResponse> => {
    if (settings === undefined) return toRefusalResponse(refuse('PUSH_NOT_CONFIGURED'));
    const url = readEndpoint(endpoint, settings.hosts);
    if (url === undefined)
      return toRefusalResponse(
        refuse('VALIDATION_FAILED', { endpoint: 'must be an https URL of a known push service' }),
      );
    if (!PUBLIC_KEY.test(p256dh) || !AUTH.test(auth))
      return toRefusalResponse(
        refuse('VALIDATION_FAILED', { keys: 'must be p256dh and auth of the browser, in base64url' }),
      );
    return await executeOnce(commandKey, SAVING, (idempotency) =>
      store.save({ userId, endpoint: url.href, p256dh, auth }, idempotency),
    );
  };

export const deletePushSubscription =
  (store: Pick<SubscriptionStore, 'removeOf'>) =>
  ({ userId, endpoint, commandKey }: DeletePushSubscriptionRequest): Promise<PushSubscriptionResponse> =>
    // As `readEndpoint` wrote it, and also when its host is not listed any more.
    executeOnce(commandKey, SAVING, (idempotency) =>
      store.removeOf(userId, URL.parse(endpoint)?.href ?? endpoint, idempotency),
    );

const SAVING: Responding<SubscriptionSaved, PushSubscriptionResponse> = {
  type: stored.PushSubscriptionResponse,
  refused: toRefusalResponse,
  respond(outcome) {
    if (outcome === 'saved') return { outcome: { $case: 'saved', value: {} } };
    return toRefusalResponse(refuse(outcome === 'taken' ? 'PUSH_ENDPOINT_TAKEN' : 'FORBIDDEN'));
  },
};
