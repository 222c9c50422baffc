import { createServer } from 'node:http';
import type { FastifyReply } from 'fastify';
import { type EventStream, openEventStream } from '../../../src/gateway/streams/event-stream.ts';
import { createSlices } from '../../../src/gateway/streams/slices.ts';
import { tellChanges } from './changes.ts';

// Server-sent events, by the code of the program.
const streams = new Set<EventStream>();
const slices = createSlices();
const server = createServer((_request, raw) => {
  const stream = openEventStream({ hijack() {}, getHeaders: () => ({}), raw } as unknown as FastifyReply);
  streams.add(stream);
  stream.onceClosed(() => streams.delete(stream));
});
tellChanges(server, (text) => {
  const frame = Buffer.from(`event: stock\ndata: ${text}\n\n`);
  slices.run(
    (function* () {
      for (const stream of streams) {
        if (!stream.isBehind) stream.send(frame);
        yield;
      }
    })(),
  );
});
