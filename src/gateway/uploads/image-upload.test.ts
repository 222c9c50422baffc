import { PassThrough } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { unlimitedStreamPlaces } from '../streams/stream-places.ts';
import { imageReader, type ReadImage } from './image-upload.ts';

const PRINCIPAL = { userId: 42n, role: 'CUSTOMER' } as const;
const HEAD = '--b\r\ncontent-disposition: form-data; name="image"; filename="x.png"\r\n\r\n';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

interface Sending {
  readonly body: PassThrough;
  readonly ended: Promise<unknown>;
}

/** A request whose body arrives as the test writes it. */
function sending(read: ReadImage): Sending {
  const body = new PassThrough();
  const raw = Object.assign(new PassThrough(), { socket: {} });
  const request = { body, raw, headers: { 'content-type': 'multipart/form-data; boundary=b' } };
  const ended = read(PRINCIPAL as never, request as unknown as FastifyRequest, {} as FastifyReply).then(
    ({ content }) => content.toString(),
    (error: unknown) => error,
  );
  body.write(HEAD);
  return { body, ended };
}

const finish = async ({ body, ended }: Sending, content: string): Promise<unknown> => {
  body.end(`${content}\r\n--b--\r\n`);
  return await ended;
};

describe('an upload of an image', () => {
  it('docs/attacks.md 71: an image of a byte a second is cut, and one of 2 kB a second after two minutes', async () => {
    for (const bytes of [1, 2_048]) {
      const upload = sending(imageReader(unlimitedStreamPlaces));
      for (let second = 0; second < 121; second++) {
        upload.body.write('x'.repeat(bytes));
        await vi.advanceTimersByTimeAsync(1_000);
      }
      expect(await upload.ended).toMatchObject({ code: 'REQUEST_TIMEOUT' });
    }
  });

  it('docs/attacks.md 43: no more than 32 images are read at the same time, and the place of one that ended is free', async () => {
    const read = imageReader(unlimitedStreamPlaces);
    const uploads = Array.from({ length: 32 }, () => sending(read));
    expect(await sending(read).ended).toMatchObject({ code: 'OVERLOADED', retryAfterSeconds: 5 });
    const [first, second] = uploads as [Sending, Sending];
    expect(await finish(first, 'picture')).toBe('picture');
    second.body.destroy();
    expect(await second.ended).toMatchObject({ code: 'VALIDATION_FAILED' });
    const freed = [sending(read), sending(read)];
    expect(await sending(read).ended).toMatchObject({ code: 'OVERLOADED' });
    expect(await Promise.all(freed.map((upload) => finish(upload, 'other')))).toEqual(['other', 'other']);
  });
});
