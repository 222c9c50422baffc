import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { resetStalledClients } from './stalled-clients.ts';

const STALLED_MS = 30_000;
let server: EventEmitter;
beforeEach(() => {
  vi.useFakeTimers();
  server = new EventEmitter();
  resetStalledClients(server as Server, STALLED_MS);
});
afterEach(() => vi.useRealTimers());

/** As much of a socket as is watched. */
class Connection extends EventEmitter {
  bytesWritten = 0;
  writableLength = 0;
  wasReset = false;

  write(bytes: number): void {
    this.bytesWritten += bytes;
    this.writableLength += bytes;
  }
  take(bytes: number): void {
    this.writableLength -= bytes;
  }
  resetAndDestroy(): void {
    this.wasReset = true;
    this.emit('close');
  }
}

function connected(): Connection {
  const connection = new Connection();
  server.emit('connection', connection);
  return connection;
}

async function eachSecond(seconds: number, act: () => void): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    act();
    await vi.advanceTimersByTimeAsync(1_000);
  }
}

it('a client that takes nothing of its response is cut off after 30 s, and no later than 35 s', async () => {
  const connection = connected();
  await vi.advanceTimersByTimeAsync(7_000);
  connection.write(1_000);
  await vi.advanceTimersByTimeAsync(STALLED_MS - 1);
  expect(connection.wasReset).toBe(false);
  await vi.advanceTimersByTimeAsync(5_001);
  expect(connection.wasReset).toBe(true);
});

it('a client that takes nothing is cut off although more is written to it', async () => {
  const connection = connected();
  await eachSecond(36, () => connection.write(1));
  expect(connection.wasReset).toBe(true);
});

it('a client that takes something every 25 s keeps its connection', async () => {
  const connection = connected();
  connection.write(1_000);
  for (let turn = 0; turn < 10; turn++) {
    await vi.advanceTimersByTimeAsync(25_000);
    connection.take(1);
  }
  expect(connection.wasReset).toBe(false);
});

it('a client for which nothing waits keeps its connection, and has 30 s for what comes later', async () => {
  const connection = connected();
  await vi.advanceTimersByTimeAsync(300_000);
  connection.write(1_000);
  await vi.advanceTimersByTimeAsync(STALLED_MS - 1);
  connection.take(1_000);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(connection.wasReset).toBe(false);
});

it('nothing is watched after the connection, or the server, has closed', async () => {
  const connection = connected();
  connection.write(1);
  connection.emit('close');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(connection.wasReset).toBe(false);
  server.emit('close');
  expect(vi.getTimerCount()).toBe(0);
});
