import { PassThrough } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MESSAGE_BYTES_MAX } from '../../platform/grpc/limits.ts';
import { IMAGE_BYTES_MAX, IMAGE_PLACES, imageReader, type ReadImage } from './image-upload.ts';
import { uploadPlaces } from './upload-places.ts';

const HEAD = '--b\r\ncontent-disposition: form-data; name="image"; filename="x.png"\r\n\r\n';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

let nowMs = 0;
/** One whose users and addresses have no limit of their own. */
const reader = (): ReadImage => imageReader(uploadPlaces({ ofUser: 100, ofAddress: 100, ofNode: 32 }, () => nowMs));

interface Sending {
  readonly body: PassThrough;
  readonly ended: Promise<unknown>;
}

/** A request whose body arrives as the test writes it. */
function sending(read: ReadImage, userId = 42n, ip = '192.0.2.42'): Sending {
  const body = new PassThrough();
  const raw = Object.assign(new PassThrough(), { socket: {} });
  const request = { body, raw, ip, headers: { 'content-type': 'multipart/form-data; boundary=b' } };
  const ended = read({ userId, role: 'CUSTOMER' }, request as unknown as FastifyRequest).then(
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
  it.each([
    [1, 6],
    [1_300, 6],
    [60_000, 6],
    [100_000, 31],
  ])('docs/attacks.md 71: an image of %i bytes a second is cut within %i seconds', async (bytes, seconds) => {
    const upload = sending(reader());
    let ending: unknown = 'nothing';
    void upload.ended.then((outcome) => {
      ending = outcome;
    });
    for (let second = 0; second < seconds - 2; second++) {
      upload.body.write('x'.repeat(bytes));
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(ending).toBe('nothing');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await upload.ended).toMatchObject({ code: 'REQUEST_TIMEOUT' });
  });

  it('an image of 5 MB that arrives in 25 seconds is read', async () => {
    const upload = sending(reader());
    for (let second = 0; second < 25; second++) {
      upload.body.write('x'.repeat(200 * 1024));
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(await finish(upload, '')).toHaveLength(25 * 200 * 1024);
  });

  it('docs/attacks.md 92: slow uploads of few addresses make room for another one, and are refused', async () => {
    const read = imageReader(uploadPlaces(IMAGE_PLACES, () => nowMs));
    const slow = Array.from({ length: 32 }, (_, nth) => sending(read, BigInt(100 + (nth >> 1)), `192.0.2.${nth >> 3}`));
    nowMs += 2_000;
    expect(await finish(sending(read, 1n, '198.51.100.1'), 'picture')).toBe('picture');
    const ended = await Promise.race(slow.map(({ ended }) => ended));
    expect(ended).toMatchObject({ code: 'OVERLOADED', retryAfterSeconds: 5 });
  });

  it('docs/attacks.md 43: no more than 32 images are read at the same time, and the place of one that ended is free', async () => {
    const read = reader();
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

it('the largest image fits into a message to the service that stores it', () => {
  expect(MESSAGE_BYTES_MAX).toBeGreaterThanOrEqual(IMAGE_BYTES_MAX + 64 * 1024);
});
