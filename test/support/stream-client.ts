import { EventEmitter } from 'node:events';
import type { FastifyReply } from 'fastify';

/** As much of a client's connection as a stream needs: what was written to it, and how much of that it has not read. */
export class StreamClient extends EventEmitter {
  readonly written: string[] = [];
  destroyed = false;
  writableEnded = false;
  /** While true, all that is sent waits. */
  isStuck = false;
  bytesWritten = 0;
  writableLength = 0;
  writableNeedDrain = false;
  readonly socket = this;
  /** What a route has. */
  readonly reply = { hijack() {}, getHeaders: () => ({}), raw: this } as unknown as FastifyReply;

  removeHeader(): void {}
  writeHead(): this {
    return this;
  }
  write(bytes: Buffer | string): boolean {
    this.written.push(String(bytes));
    this.bytesWritten += bytes.length;
    if (this.isStuck) this.writableLength += bytes.length;
    return !this.isStuck;
  }
  end(): void {
    this.writableEnded = true;
    this.close();
  }
  destroy(): void {
    this.close();
  }
  close(): void {
    this.destroyed = true;
    this.emit('close');
  }
  /** The events, without what starts a stream. */
  events(): readonly string[] {
    return this.written.filter((text) => !text.startsWith('retry: '));
  }
}
