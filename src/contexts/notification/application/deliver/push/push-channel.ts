import { createHash } from 'node:crypto';
import { AddressRefused, type GuardedHttp } from '../../../../../platform/http/guarded-http.ts';
import type { Clock } from '../../../../../platform/kernel/clock.ts';
import { encryptFor, PAYLOAD_MAX } from '../../../../../platform/web-push/encrypt.ts';
import { type PushSettings, readEndpoint } from '../../../../../platform/web-push/settings.ts';
import { vapidAuthorization } from '../../../../../platform/web-push/vapid.ts';
import type { Delivery } from '../../../domain/delivery.ts';
import { AD_MARK, textOf } from '../../../domain/texts.ts';
import type { Addressed, DeliveryChannel, HandOver, Preparation } from '../ports.ts';
import type { PushStore, PushSubscription } from './ports.ts';

const CONCURRENCY = 16;
/** A notice is of no use in a browser that opens a day later. */
const TTL_SECONDS = 86_400;
/** RFC 8030: at most 32 characters of base64url. */
const TOPIC_CHARS = 32;
const BODY_MAX = 500;

export interface PushChannelDeps {
  readonly store: PushStore;
  readonly http: GuardedHttp;
  readonly settings: PushSettings;
  /** Who sends marketing: the law wants the name in what it marks. */
  readonly sender: string;
  readonly clock: Clock;
}

/** Notices by web push, to all browsers of a user. */
export function pushChannel({ store, http, settings, sender, clock }: PushChannelDeps): DeliveryChannel {
  async function post(
    { endpoint, p256dh, auth }: PushSubscription,
    { message, language, timezone, lateFromMs = Number.POSITIVE_INFINITY }: Addressed,
  ): Promise<HandOver> {
    // The list of hosts may be another one since the browser subscribed.
    const url = readEndpoint(endpoint, settings.hosts);
    if (url === undefined) return await gone(endpoint, 'HOST_NOT_LISTED');
    const [delivery] = message.deliveries;
    const { title: plain, body, path } = textOf(delivery.kind, language, delivery.data, timezone);
    const title = message.noticeClass === 'MARKETING' ? `${AD_MARK} [${sender}] ${plain}` : plain;
    const payload = Buffer.from(JSON.stringify({ title, body: body.slice(0, BODY_MAX), path }));
    if (payload.length > PAYLOAD_MAX) return { kind: 'REJECTED', reason: 'TOO_LONG' };
    const keys = { publicKey: Buffer.from(p256dh, 'base64url'), authSecret: Buffer.from(auth, 'base64url') };
    const headers = {
      authorization: vapidAuthorization(settings.key, url, settings.contact, clock()),
      'content-encoding': 'aes128gcm',
      'content-type': 'application/octet-stream',
      ttl: String(Math.min(TTL_SECONDS, Math.max(0, Math.floor((lateFromMs - clock()) / 1_000)))),
      urgency: message.noticeClass === 'MARKETING' ? 'low' : 'normal',
      topic: topicOf(delivery),
    };
    const { status } = await http.post(url, headers, encryptFor(payload, keys));
    if (status >= 200 && status < 300) return { kind: 'SENT' };
    if (status === 404 || status === 410) return await gone(endpoint, `STATUS_${status}`);
    const kind = status === 429 || status >= 500 ? 'NOT_SENT' : 'REJECTED';
    return { kind, reason: `STATUS_${status}` };
  }

  async function gone(endpoint: string, reason: string): Promise<HandOver> {
    await store.remove(endpoint);
    return { kind: 'REJECTED', reason };
  }

  return {
    name: 'PUSH',
    concurrency: CONCURRENCY,
    async prepare(messages) {
      const found = await store.subscriptionsOf(messages.map(({ message }) => message.userId));
      const byUser = Map.groupBy(found, ({ userId }) => userId);
      return messages.map((addressed): Preparation => {
        const subscriptions = byUser.get(addressed.message.userId);
        if (subscriptions === undefined) return { kind: 'DROP', reason: 'NO_BROWSER' };
        return {
          kind: 'SEND',
          async handOver() {
            const results = await Promise.all(subscriptions.map((each) => post(each, addressed).catch(outcomeOf)));
            return best(results);
          },
        };
      });
    },
    close: () => void http.close(),
  };
}

/** The same notice replaces itself where it waits for a browser. */
const topicOf = ({ kind, subject, day }: Delivery): string =>
  createHash('sha256').update(`${kind} ${subject} ${day}`).digest('base64url').slice(0, TOPIC_CHARS);

/** Codes of a connection that never was. */
const NOT_CONNECTED: ReadonlySet<unknown> = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
]);

function outcomeOf(error: unknown): HandOver {
  if (error instanceof AddressRefused) return { kind: 'REJECTED', reason: 'ADDRESS_REFUSED' };
  const { code, name } = Object(error) as Readonly<Record<string, unknown>>;
  const reason = String(code ?? name ?? 'unexpected');
  // A key of a browser that is no key.
  if (reason.startsWith('ERR_CRYPTO')) return { kind: 'REJECTED', reason };
  return { kind: NOT_CONNECTED.has(code) ? 'NOT_SENT' : 'UNKNOWN', reason };
}

const ORDER: readonly HandOver['kind'][] = ['SENT', 'UNKNOWN', 'NOT_SENT', 'REJECTED'];
/** One browser that got it is enough; none may get it twice. */
function best(results: readonly HandOver[]): HandOver {
  const kind = ORDER.find((each) => results.some((result) => result.kind === each));
  return results.find((result) => result.kind === kind) ?? { kind: 'REJECTED', reason: 'NO_BROWSER' };
}
