import type { components } from './generated/webhooks.ts';

type WebhookData = components['schemas']['WebhookData'];

/** A topic whose events webhooks deliver, or `webhook.test`. */
export type WebhookTopic = keyof WebhookData;

/**
 * The content of a webhook. As a union of all topics by default, which a `switch` over `type` narrows; `WebhookEvent<'order.paid'>` is one of them. A webhook
 * for all topics (`*`) also gets those of later versions, so such a `switch` needs a `default`.
 */
export type WebhookEvent<Topic extends WebhookTopic = WebhookTopic> = {
  readonly [Each in Topic]: {
    readonly type: Each;
    /** When the event was written (RFC 3339). */
    readonly timestamp: string;
    /** The same in every webhook that gets the event. */
    readonly eventId: string;
    readonly data: WebhookData[Each];
  };
}[Topic];

/** The headers of a request, as Node, fetch and most frameworks give them. */
export type WebhookHeaders = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** A request that is not a valid webhook: its signature is not valid, or it is too old. Respond with 400 and do nothing else. */
export class WebhookVerificationError extends Error {
  override readonly name = 'WebhookVerificationError';
}

export interface WebhookOptions {
  /** How far its time may be from now. Default: 300. */
  readonly toleranceSeconds?: number;
  /** Now, in milliseconds since 1970. */
  readonly nowMs?: number;
}

const TOLERANCE_SECONDS = 300;
/** A sender that rotates its secret signs with two. */
const SIGNATURES_MAX = 10;
const ALGORITHM = { name: 'HMAC', hash: 'SHA-256' };

/**
 * Returns the content of a webhook that Stampede has signed (Standard Webhooks). A webhook can arrive more than once: its header `webhook-id` is the
 * same then.
 * @param secrets `whsec_…` of the endpoint; several while one replaces another
 * @param body the bytes or the text as they arrived: JSON that was parsed and written again has another signature
 * @throws WebhookVerificationError
 */
export async function verifyWebhook(
  secrets: string | readonly string[],
  headers: WebhookHeaders,
  body: string | Uint8Array<ArrayBuffer>,
  { toleranceSeconds = TOLERANCE_SECONDS, nowMs = Date.now() }: WebhookOptions = {},
): Promise<WebhookEvent> {
  const id = header(headers, 'webhook-id');
  const timestamp = header(headers, 'webhook-timestamp');
  const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  if (!(Math.abs(nowMs / 1_000 - seconds) <= toleranceSeconds)) {
    throw new WebhookVerificationError('The time of the webhook is too far from now.');
  }
  const encoder = new TextEncoder();
  const bytes = typeof body === 'string' ? encoder.encode(body) : body;
  const signed = new Uint8Array(await new Blob([encoder.encode(`${id}.${timestamp}.`), bytes]).arrayBuffer());
  const signatures = header(headers, 'webhook-signature').split(' ', SIGNATURES_MAX).flatMap(signatureOf);
  for (const secret of typeof secrets === 'string' ? [secrets] : secrets) {
    const key = await crypto.subtle.importKey('raw', keyOf(secret), ALGORITHM, false, ['verify']);
    for (const signature of signatures) {
      // Compares in constant time.
      if (await crypto.subtle.verify(ALGORITHM, key, signature, signed)) {
        return JSON.parse(new TextDecoder().decode(bytes)) as WebhookEvent;
      }
    }
  }
  throw new WebhookVerificationError('No signature of the webhook is valid.');
}

function header(headers: WebhookHeaders, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new WebhookVerificationError(`The webhook has no header ${name}.`);
}

/** @throws Error when it is no secret of a webhook: that is not the sender's fault */
function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const key = secret.startsWith('whsec_') ? bytesOf(secret.slice('whsec_'.length)) : undefined;
  if (key === undefined) throw new Error('The secret of a webhook is whsec_ and base64.');
  return key;
}

/** Of other versions than v1 nothing is known. */
function signatureOf(signature: string): readonly Uint8Array<ArrayBuffer>[] {
  const bytes = signature.startsWith('v1,') ? bytesOf(signature.slice('v1,'.length)) : undefined;
  return bytes === undefined ? [] : [bytes];
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}
