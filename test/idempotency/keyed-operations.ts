import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Stage } from '../attacks/support.ts';
import { resolvedDocument } from '../support/resolved-document.ts';
import type { KeyedAttempt } from './fixtures.ts';

export interface KeyedOperation {
  /** Method and path as the document has them. */
  readonly id: string;
  readonly method: string;
  /** Of success. */
  readonly status: number;
}

/** Changes nothing, keeps no key by its contract, or is called by a provider: see the specification of keys. */
const WITHOUT_KEY = [
  'POST /api/v1/coupons/quote',
  'POST /api/coupons/quote',
  'POST /api/v1/notification-jobs/preview',
  'POST /api/v1/auth/login',
  'POST /api/v1/auth/refresh',
  'POST /api/v1/auth/logout',
  'POST /api/v1/auth/backchannel-logout/{issuerName}',
  'POST /api/v1/payments/webhook',
  'POST /api/v1/notifications/mail-events',
  'POST /sandbox/payments/{ref}',
  'POST /api/v1/sandbox/jobs',
  // Forms of pages: a link works once.
  'POST /verify-email',
  'POST /password-reset',
  'POST /unsubscribe',
];

/** They end the session of their caller, so a repeat is rejected (401) before any key is looked at, and has no effect either. */
const ENDS_SESSION = ['PUT /api/v1/auth/password', 'DELETE /api/v1/auth/profile'];
const NOT_REPEATED = [...WITHOUT_KEY, ...ENDS_SESSION];

// biome-ignore lint/suspicious/noExplicitAny: an OpenAPI document, looked at from every side
type Json = any;

/** Every operation of the document that changes something and takes a key. Throws for one that takes none and is not excepted. */
export async function keyedOperations(on: Stage): Promise<readonly KeyedOperation[]> {
  const document: Json = await resolvedDocument(on);
  return Object.entries<Json>(document.paths).flatMap(([path, item]) =>
    Object.entries<Json>(item).flatMap(([method, operation]) => {
      const id = `${method.toUpperCase()} ${path}`;
      if (!['post', 'put', 'patch', 'delete'].includes(method) || NOT_REPEATED.includes(id)) return [];
      const parameters: readonly Json[] = operation.parameters ?? [];
      if (!parameters.some(({ name }) => name === 'Idempotency-Key')) throw new Error(`${id} takes no Idempotency-Key`);
      // A success that can be a replay: the one of a dry run cannot.
      const [success] = Object.entries<Json>(operation.responses).filter(
        ([, response]) => response.headers?.['Idempotent-Replayed'] !== undefined,
      );
      const status = Number(success?.[0]);
      return [{ id, method: method.toUpperCase(), status }];
    }),
  );
}

/** Sends an attempt with a key, and waits for the response. A connection that ends without one counts as status 0. */
export async function send(base: string, method: string, attempt: KeyedAttempt, key: string): Promise<Answer> {
  const { path, token, json, csv, image } = attempt;
  const body = csv ?? (json === undefined ? undefined : JSON.stringify(json));
  const form = new FormData();
  if (image !== undefined) form.append('image', new Blob([new Uint8Array(image)]), 'photo.png');
  try {
    const response = await fetch(base + path, {
      method,
      headers: {
        'idempotency-key': key,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': csv === undefined ? 'application/json' : 'text/csv' }),
      },
      ...(image === undefined ? {} : { body: form }),
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  } catch {
    return { status: 0, headers: new Headers(), text: '', body: undefined };
  }
}

/** Repeats the request while the first one with its key has not ended: PostgreSQL may not have finished its COMMIT. */
export async function repeat(base: string, method: string, attempt: KeyedAttempt, key: string): Promise<Answer> {
  for (;;) {
    const answer = await send(base, method, attempt, key);
    if (answer.body?.code !== 'IDEMPOTENCY_KEY_IN_USE') return answer;
    await sleep(50);
  }
}

/** Are the bodies equal, apart from members that say what this request did? */
export const sameBodies = (varying: readonly string[] | undefined, answers: readonly Answer[]): boolean =>
  new Set(answers.map(({ body }) => JSON.stringify(withoutVarying(body, varying)))).size === 1;

function withoutVarying(body: unknown, varying: readonly string[] = []): unknown {
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(Object.entries(body).filter(([name]) => !varying.includes(name)));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
