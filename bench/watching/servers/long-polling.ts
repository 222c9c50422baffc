import { createServer, type ServerResponse } from 'node:http';
import { createSlices } from '../../../src/gateway/streams/slices.ts';
import { tellChanges } from './changes.ts';

// Each request waits for the next change. A client that asks while a change is sent gets it at once.
const waiting = new Set<ServerResponse>();
const slices = createSlices();
const HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' };
let version = 0;
let latest = '';
const answer = (response: ServerResponse): void => {
  response.writeHead(200, { ...HEADERS, 'content-length': latest.length, etag: String(version) }).end(latest);
};
const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const known = Number(new URL(request.url ?? '/', 'http://x').searchParams.get('after') ?? 0);
  if (known < version) return answer(response);
  waiting.add(response);
  response.once('close', () => waiting.delete(response));
});
tellChanges(server, (text) => {
  version += 1;
  latest = text;
  const due = [...waiting];
  waiting.clear();
  slices.run(
    (function* () {
      for (const response of due) {
        answer(response);
        yield;
      }
    })(),
  );
});
