import { type EventSourceOptions, eventSource } from './event-source.ts';
import type { paths } from './generated/openapi.ts';
import type { Send } from './send.ts';

type Json<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Body } } } };
}
  ? Body
  : never;

/** How many coupons of a policy are left. */
export type Stock = Json<'/api/v1/coupons/policies/{policyId}/stock'>;
/** How many units of a time sale are left. */
export type TimeSaleStock = Pick<
  Json<'/api/v1/time-sales/{id}'>,
  'timeSaleId' | 'remaining' | 'soldQuantity' | 'status'
>;
/** A job, such as the issue to a list of users. */
export type Job = Json<'/api/v1/jobs/{id}'>;
/** A notice of a user's inbox. */
export type Notice = Json<'/api/v1/notifications'>['notifications'][number];

export type StreamOptions = Pick<EventSourceOptions, 'signal'>;

/** What the stream of notices sends. `id` is the position behind the event: keep the last one to continue there. */
export type InboxEvent =
  | { readonly type: 'notice'; readonly id: string; readonly notice: Notice }
  | { readonly type: 'unread'; readonly id: string | undefined; readonly unreadCount: number };

/** Streams as iterators for `for await`. They reconnect by themselves; `break`, or the signal, ends them. */
export interface Streams {
  /** The stock of a policy: at once, and after each change. */
  stock(policyId: string, options?: StreamOptions): AsyncGenerator<Stock>;
  /** The units that are left of a time sale: at once, and after each change. */
  timeSaleStock(timeSaleId: string, options?: StreamOptions): AsyncGenerator<TimeSaleStock>;
  /** A job after each change of it. Ends when the job has ended. */
  job(jobId: string, options?: StreamOptions): AsyncGenerator<Job>;
  /** The notices of the user that are written from now on, or after `lastEventId`: each once and in order. */
  notices(options?: EventSourceOptions): AsyncGenerator<InboxEvent>;
}

export function streams(send: Send, baseUrl: string): Streams {
  const events = (path: string, options: EventSourceOptions = {}) =>
    eventSource(send, `${baseUrl}/api/v1${path}`, options);
  async function* data<Data>(path: string, options?: StreamOptions): AsyncGenerator<Data> {
    for await (const event of events(path, options)) yield JSON.parse(event.data) as Data;
  }
  return {
    stock: (policyId, options) => data(`/coupons/policies/${encodeURIComponent(policyId)}/stock/stream`, options),
    timeSaleStock: (timeSaleId, options) => data(`/time-sales/${encodeURIComponent(timeSaleId)}/stream`, options),
    async *job(jobId, options) {
      for await (const job of data<Job>(`/jobs/${encodeURIComponent(jobId)}/events`, options)) {
        yield job;
        if (job.status === 'DONE' || job.status === 'FAILED') return;
      }
    },
    async *notices(options) {
      for await (const { event, id, data } of events('/notifications/stream', options)) {
        const content = JSON.parse(data);
        if (event === 'unread') yield { type: 'unread', id, unreadCount: content.unreadCount };
        else if (event === 'notice' && id !== undefined) yield { type: 'notice', id, notice: content };
      }
    },
  };
}
