import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient, StampedeError } from '../src/index.ts';
import { type LocalServer, localServer, sendProblem } from './local-server.ts';

let server: LocalServer;
afterEach(() => server.stop());

const RETRY = 'retry: 1\n\n';

function stream(response: ServerResponse, text: string): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).write(RETRY + text);
  return response;
}

const stock = (remainingStock: number): string => `event: stock\ndata: ${JSON.stringify({ remainingStock })}\n\n`;

async function streamsOf(respond: Parameters<typeof localServer>[0]) {
  server = await localServer(respond);
  return createClient({ baseUrl: server.url, credentials: { apiKey: 'key' } }).streams;
}

describe('a stream', () => {
  it('goes on when its connection ends or is refused for a moment', async () => {
    const streams = await streamsOf((response, _request, number) => {
      if (number === 1) stream(response, stock(3)).end();
      else if (number === 2) response.destroy();
      else if (number === 3) sendProblem(response, 503, 'OVERLOADED', { 'retry-after': '0' });
      else stream(response, stock(2));
    });
    const seen: unknown[] = [];
    for await (const { remainingStock } of streams.stock('7')) {
      seen.push(remainingStock);
      if (seen.length === 2) break;
    }
    expect(seen).toEqual([3, 2]);
    expect(server.received).toHaveLength(4);
    expect(server.received[3]).toMatchObject({
      path: '/api/v1/coupons/policies/7/stock/stream',
      headers: { accept: 'text/event-stream', 'x-api-key': 'key' },
    });
  });

  it('ends its connection when the caller leaves the loop', async () => {
    let open: ServerResponse | undefined;
    const streams = await streamsOf((response) => {
      open = stream(response, stock(3));
    });
    for await (const _ of streams.stock('7')) break;
    if (open?.closed === false) await once(open, 'close');
    expect(server.received).toHaveLength(1);
  });

  it('rejects with the reason of its signal', async () => {
    const controller = new AbortController();
    const streams = await streamsOf((response) => void stream(response, stock(3)));
    const read = async () => {
      for await (const _ of streams.stock('7', { signal: controller.signal })) controller.abort(new Error('left'));
    };
    await expect(read()).rejects.toThrow('left');
  });

  it('that is refused for good rejects with the problem', async () => {
    const streams = await streamsOf((response) => sendProblem(response, 404, 'POLICY_NOT_FOUND'));
    const failure = await streams
      .stock('7')
      .next()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StampedeError);
    expect(failure).toMatchObject({ problem: { code: 'POLICY_NOT_FOUND' } });
  });

  it('of a job ends with the job', async () => {
    const job = (status: string) => `event: job\ndata: ${JSON.stringify({ status })}\n\n`;
    const streams = await streamsOf((response, _request, number) => {
      stream(response, number === 1 ? job('RUNNING') : job('RUNNING') + job('DONE')).end();
    });
    const seen: string[] = [];
    for await (const { status } of streams.job('7')) seen.push(status);
    expect(seen).toEqual(['RUNNING', 'RUNNING', 'DONE']);
  });

  it('of notices continues after the last event that had an id', async () => {
    const streams = await streamsOf((response, _request, number) => {
      if (number === 1) stream(response, 'id: 41\nevent: unread\ndata: {"unreadCount":0}\n\n').end();
      else if (number === 2)
        stream(
          response,
          'event: notice\nid: 42\ndata: {"title":"쿠폰"}\n\nevent: unread\ndata: {"unreadCount":1}\n\n',
        ).end();
      else stream(response, 'event: notice\nid: 43\ndata: {"title":"Second"}\n\n');
    });
    const seen: unknown[] = [];
    for await (const event of streams.notices({ lastEventId: '40' })) {
      seen.push(event);
      if (seen.length === 4) break;
    }
    expect(seen).toEqual([
      { type: 'unread', id: '41', unreadCount: 0 },
      { type: 'notice', id: '42', notice: { title: '쿠폰' } },
      { type: 'unread', id: undefined, unreadCount: 1 },
      { type: 'notice', id: '43', notice: { title: 'Second' } },
    ]);
    expect(server.received.map(({ headers }) => headers['last-event-id'])).toEqual(['40', '41', '42']);
  });
});
