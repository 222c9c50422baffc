import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { token } from './rush-faults.ts';
import type { System } from './system.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Final {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: responses of every shape
  readonly body: any;
}

export interface ClientRequest {
  readonly user: string;
  readonly path: string;
  /** Absent: a GET. */
  readonly json?: Json;
  /** The same in every attempt. */
  readonly key?: string;
  readonly role?: 'CUSTOMER' | 'ADMIN';
}

export interface RetryingClient {
  /** Sends the request to the nodes in turn until one gives a final response. Rejects when none does. */
  send(question: ClientRequest): Promise<Final>;
  /** The number of retries by their reason. */
  readonly again: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 8_000;
/** 502 and 504 come from a load balancer whose server ended, or was silent, during the request. */
const RETRIED = [429, 502, 503, 504];
const ATTEMPTS_MAX = 200;

export interface RetryingClientOptions {
  /** To each server. */
  readonly connections: number;
  /** Called with the outcome of every attempt: its status and code, such as `201` or `503 OVERLOADED`, or `no response`. */
  readonly onAttempt?: (outcome: string) => void;
}

export function retryingClient(
  system: System,
  { connections, onAttempt = () => {} }: RetryingClientOptions,
): RetryingClient {
  const agent = new Agent({
    connections,
    headersTimeout: REQUEST_TIMEOUT_MS,
    bodyTimeout: REQUEST_TIMEOUT_MS,
    connectTimeout: 1_000,
  });
  const again = new Map<string, number>();
  let turn = 0;

  /** Returns undefined without a final response. */
  async function once({ user, path, json, key, role = 'CUSTOMER' }: ClientRequest): Promise<Final | undefined> {
    turn += 1;
    const count = (what: string) => void again.set(what, (again.get(what) ?? 0) + 1);
    const urls = system.urls();
    try {
      const { statusCode: status, body } = await request(`${urls[turn % urls.length]}/api/v1/${path}`, {
        method: json === undefined ? 'GET' : 'POST',
        dispatcher: agent,
        headers: {
          authorization: `Bearer ${token(user, role)}`,
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      });
      const answer = { status, body: documentIn(await body.text()) };
      onAttempt(answer.body.code === undefined ? String(status) : `${status} ${answer.body.code}`);
      if (!RETRIED.includes(status) && answer.body.code !== 'IDEMPOTENCY_KEY_IN_USE') return answer;
      count(answer.body.code ?? String(status));
    } catch {
      onAttempt('no response');
      count('no response');
    }
    return undefined;
  }

  /** What a load balancer responds by itself is no JSON. */
  function documentIn(text: string): { readonly code?: string } {
    try {
      return JSON.parse(text);
    } catch {
      return { code: 'without a document' };
    }
  }

  return {
    again,
    async send(question) {
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        const final = await once(question);
        if (final) return final;
        await sleep(100 + (attempt % 10) * 50);
      }
      throw new Error(`no final response: ${question.path} ${question.key ?? ''}`);
    },
    close: () => agent.destroy(),
  };
}
