import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { createSlices } from '../../../src/gateway/streams/slices.ts';
import { tellChanges } from './changes.ts';

const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
const slices = createSlices();
tellChanges(server, (text) => {
  const bytes = Buffer.from(text);
  slices.run(
    (function* () {
      for (const socket of sockets.clients) {
        if (socket.bufferedAmount === 0) socket.send(bytes, { binary: false });
        yield;
      }
    })(),
  );
});
