import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fullNameOf, newFileName, newFullName, sizesOf } from '../../src/platform/files/file-name.ts';
import { mapConcurrent } from '../../src/platform/kernel/map-concurrent.ts';
import { picture } from '../support/images.ts';
import { type SendOptions, sendImage } from '../support/send-image.ts';
import {
  type Answer,
  call,
  newEmail,
  openPolicy,
  type Stage,
  stage,
  storeOf,
  testUsers,
  until,
  untilHashed,
} from './support.ts';

let on: Stage;
const testUser = testUsers();
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'stampede-images-'));
  on = await stage({ files: { kind: 'DIRECTORY', directory } });
});
afterAll(async () => {
  await on.stop();
  await rm(directory, { recursive: true, force: true });
});

const PROFILE = '/api/v1/auth/profile';
/** The images in the directory, without the file that names the directory. */
const stored = async (): Promise<readonly string[]> =>
  (await readdir(directory).catch(() => [])).filter((name) => name !== '.stampede-files').sort();
/** The images of which there are files, in one size or in several. */
const images = (names: readonly string[]): readonly string[] => [...new Set(names.map(fullNameOf))];

interface User {
  readonly id: string;
  readonly token: string;
}

async function signedUp(role: 'CUSTOMER' | 'OWNER' = 'CUSTOMER'): Promise<User> {
  const json = { email: newEmail('image'), password: 'correct horse battery', name: 'Ada', role };
  const { status, text, body } = await untilHashed(() => on.call('POST', '/api/v1/auth/signup', { json }));
  expect(status, text).toBe(201);
  return { id: body.userId, token: on.token(body.userId, role) };
}

const put = ({ token }: User, content: Uint8Array, options: Partial<SendOptions> = {}): Promise<Answer> =>
  sendImage(on.url, 'PUT', `${PROFILE}/image`, content, { token, ...options });
const post = (token: string, storeId: string, content: Uint8Array, options: Partial<SendOptions> = {}) =>
  sendImage(on.url, 'POST', `/api/v1/stores/${storeId}/images`, content, { token, ...options });
const read = async (url: string): Promise<{ readonly response: Response; readonly content: Buffer }> => {
  const response = await fetch(on.url + url);
  return { response, content: Buffer.from(await response.arrayBuffer()) };
};
const refusedField = ({ status, body }: Answer) => [status, body.code, body.errors?.[0]?.field];
const NO_IMAGE = [400, 'VALIDATION_FAILED', 'image'];

/** A PNG of one chunk of data behind a header that states this size. */
function pngOf(width: number, height: number, data: Buffer): Buffer {
  const chunk = (type: string, content: Buffer): Buffer => {
    const typed = Buffer.concat([Buffer.from(type), content]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length);
    sum.writeUInt32BE(crc32(typed));
    return Buffer.concat([length, typed, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

describe('an image', () => {
  let user: User;
  beforeEach(async () => {
    user = await signedUp();
  });

  it.each(['jpeg', 'png', 'webp'] as const)(
    'a %s becomes the image of the profile, as a WebP that anybody may read and no page can misuse',
    async (format) => {
      const answer = await put(user, await picture(format, 1_600, 1_200));
      expect(answer.status).toBe(200);
      const url: string = answer.body.profileImageUrl;
      expect(url).toMatch(/^\/files\/\d+-[0-9a-f]{32}\.webp$/);
      expect((await on.call('GET', PROFILE, { token: user.token })).body.profileImageUrl).toBe(url);

      const { response, content } = await read(url);
      const { format: type, width, height } = await sharp(content).metadata();
      expect([response.status, type, width, height]).toEqual([200, 'webp', 512, 384]);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        'content-type': 'image/webp',
        'content-length': String(content.length),
        'cache-control': 'public, max-age=31536000, immutable',
        'content-security-policy': "default-src 'none'; sandbox",
        'cross-origin-resource-policy': 'cross-origin',
        'x-content-type-options': 'nosniff',
      });
      const head = await fetch(on.url + url, { method: 'HEAD' });
      expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
        200,
        String(content.length),
        '',
      ]);
    },
  );

  it('where and when a photo was taken is not stored, and its orientation is applied', async () => {
    const photo = await sharp(await picture('jpeg', 60, 40))
      .withExif({ IFD0: { Make: 'SECRETCAM' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '37/1 33/1 0/1' } })
      .withMetadata({ orientation: 6 })
      .toBuffer();
    expect(photo.includes('SECRETCAM')).toBe(true);
    const { body } = await put(user, photo);
    const { content } = await read(body.profileImageUrl);
    const { width, height, exif, orientation } = await sharp(content).metadata();
    expect([width, height, exif, orientation, content.includes('SECRETCAM')]).toEqual([
      40,
      60,
      undefined,
      undefined,
      false,
    ]);
  });

  it('docs/attacks.md 56: an image that is a page as well is stored without the page', async () => {
    const page = Buffer.from('<script>alert(document.domain)</script>');
    for (const format of ['jpeg', 'png', 'webp'] as const) {
      const both = Buffer.concat([await picture(format), page]);
      const answer = await put(user, both, { fileName: 'page.html', type: 'text/html' });
      expect(answer.status).toBe(200);
      expect((await read(answer.body.profileImageUrl)).content.includes('<script>')).toBe(false);
    }
  });

  it.each([
    [
      'an SVG with a script',
      async () =>
        Buffer.from(
          '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="40" height="30" fill="red"/><script>alert(1)</script></svg>',
        ),
    ],
    [
      'an SVG that names a file',
      async () =>
        Buffer.from(
          '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><image href="file:///etc/passwd"/></svg>',
        ),
    ],
    ['a page', async () => Buffer.from('<html><script>alert(1)</script></html>')],
    ['a GIF', () => picture('gif')],
    ['an AVIF', () => picture('avif')],
    ['a TIFF', () => picture('tiff')],
    ['nothing', async () => Buffer.alloc(0)],
    ['the signature of a PNG before a page', async () => Buffer.from('\x89PNG\r\n\x1a\n<script>', 'latin1')],
    ['a PNG that ends in the middle', async () => (await picture('png', 300, 300)).subarray(0, 150)],
    ['a JPEG that ends in the middle', async () => (await picture('jpeg', 900, 900)).subarray(0, 1_500)],
    ['a WebP that ends in the middle', async () => (await picture('webp', 900, 900)).subarray(0, 100)],
    ['a PNG that states 60,000 by 60,000 pixels', async () => pngOf(60_000, 60_000, Buffer.alloc(100))],
    ['a PNG of 36 million pixels in 110 kB', () => picture('png', 6_000, 6_000)],
  ])('docs/attacks.md 56: %s is refused, and leaves no file', { tags: 'process' }, async (_, content) => {
    const before = await stored();
    const answer = await put(user, await content(), { type: 'image/png' });
    expect(refusedField(answer)).toEqual(NO_IMAGE);
    expect(await stored()).toEqual(before);
  });

  it('docs/attacks.md 56: of an animation only the first frame is decoded and stored', async () => {
    const frames = 200;
    const bomb = await sharp(
      Buffer.concat(
        Array.from({ length: frames }, (_, frame) => Buffer.alloc(500 * 500 * 3, frame % 2 === 0 ? 7 : 250)),
      ),
      {
        raw: { width: 500, height: 500 * frames, channels: 3, pageHeight: 500 },
      },
    )
      .webp({ effort: 0 })
      .toBuffer();
    expect((await sharp(bomb).metadata()).pages).toBe(frames);
    const answer = await put(user, bomb);
    expect(answer.status).toBe(200);
    const { pages = 1, height } = await sharp((await read(answer.body.profileImageUrl)).content).metadata();
    expect([pages, height]).toEqual([1, 500]);
  });

  it.each(['../../../etc/cron.d/x.png', '/etc/passwd', 'x\u0000.png', 'photo.php', `${'x'.repeat(5_000)}.png`])(
    'docs/attacks.md 56: the file name %j of a client says nothing about where the image is stored',
    { tags: 'process' },
    async (fileName) => {
      const answer = await put(user, await picture(), { fileName });
      expect(answer.status).toBe(200);
      expect(`/files/${(await stored()).at(-1)}`).toBe(answer.body.profileImageUrl);
      expect((await stored()).every((name) => /^\d+-[0-9a-f]{32}\.webp$/.test(name))).toBe(true);
    },
  );

  it('docs/attacks.md 41: an image above 5 MB is refused, whatever the length that is stated', async () => {
    const answer = await put(user, Buffer.alloc(5 * 1024 * 1024 + 1, 1));
    expect([answer.status, answer.body.code]).toEqual([413, 'PAYLOAD_TOO_LARGE']);
    const endless = await fetch(`${on.url}${PROFILE}/image`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${user.token}`, 'content-type': 'multipart/form-data; boundary=b' },
      body: endlessPart(),
      duplex: 'half',
    } as RequestInit);
    expect(endless.status).toBe(413);
    // As many bytes as the limit allows are no image, but arrive.
    expect(refusedField(await put(user, Buffer.alloc(5 * 1024 * 1024, 1)))).toEqual(NO_IMAGE);
  });

  it.each([
    ['no image', 'multipart/form-data; boundary=b', '--b--\r\n'],
    ['no boundary', 'multipart/form-data', '--b--\r\n'],
    ['another boundary', 'multipart/form-data; boundary=c', '--b\r\n\r\nx\r\n--b--\r\n'],
    ['no end', 'multipart/form-data; boundary=b', `${partOf('image')}xxx`],
    ['a field in place of a file', 'multipart/form-data; boundary=b', `${partOf('image', '')}xxx\r\n--b--\r\n`],
    ['a file of another name', 'multipart/form-data; boundary=b', `${partOf('photo')}xxx\r\n--b--\r\n`],
    ['two files', 'multipart/form-data; boundary=b', `${partOf('image')}x\r\n${partOf('image')}x\r\n--b--\r\n`],
    [
      'a field __proto__',
      'multipart/form-data; boundary=b',
      `${partOf('__proto__', '')}x\r\n${partOf('image')}x\r\n--b--\r\n`,
    ],
    ['nothing', 'multipart/form-data; boundary=b', ''],
  ])('docs/attacks.md 39: a multipart body with %s is refused', async (_, type, text) => {
    const answer = await on.call('PUT', `${PROFILE}/image`, {
      token: user.token,
      text,
      headers: { 'content-type': type },
    });
    expect(refusedField(answer)).toEqual(NO_IMAGE);
  });

  it.each(['application/json', 'image/png', 'text/csv', 'application/x-www-form-urlencoded'])(
    'docs/attacks.md 40: an image that is sent as %s is refused, and a multipart body where none is expected, too',
    async (type) => {
      const options = { token: user.token, text: '{}', headers: { 'content-type': type } };
      expect((await on.call('PUT', `${PROFILE}/image`, options)).status).toBe(415);
      const form = new FormData();
      form.append('name', 'Ada');
      expect((await on.call('PATCH', PROFILE, { token: user.token, form })).status).toBe(415);
    },
  );

  it('docs/attacks.md 45: every name under /files that is no file gets the same 404', async () => {
    const names = [
      'x',
      '..%2f..%2f..%2fetc%2fpasswd',
      '%2e%2e%2fsecrets.json',
      '..%5c..%5cx',
      `7330011234567890-${'0'.repeat(32)}.webp`,
      `7330011234567890-${'0'.repeat(32)}.webp%00`,
      `7330011234567890-${'0'.repeat(32)}.WEBP`,
      'x'.repeat(150),
    ];
    const answers = await Promise.all(names.map((name) => on.call('GET', `/files/${name}`)));
    const shown = answers.map(({ status, body: { requestId: _, instance: __, ...body } }) =>
      JSON.stringify([status, body]),
    );
    expect([...new Set(shown)].length).toBe(1);
    expect(answers[0]).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(answers[0]?.headers.get('cache-control')).toBe('no-store');
  });
});

/** The beginning of a part in a body with the boundary b. No file name: a field. */
function partOf(name: string, fileName = 'x.png'): string {
  const file = fileName === '' ? '' : `; filename="${fileName}"`;
  return `--b\r\ncontent-disposition: form-data; name="${name}"${file}\r\n\r\n`;
}

function endlessPart(): ReadableStream {
  let begun = false;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(begun ? Buffer.alloc(64 * 1024, 1) : Buffer.from(partOf('image')));
      begun = true;
    },
  });
}

describe('the images of a store', () => {
  it('an owner uploads images and deletes them, and everybody sees what is left', async () => {
    const owner = on.token(testUser(7101), 'OWNER');
    const id = await storeOf(on, testUser(7101));
    await post(owner, id, await picture('png', 3_000, 1_500));
    const { status, body } = await post(owner, id, await picture('png', 20, 10));
    expect([status, body.uploadedImages.length, body.version]).toEqual([201, 2, 3]);
    const [first, second] = body.uploadedImages;
    expect(await sharp((await read(first.url)).content).metadata()).toMatchObject({ width: 1_024, height: 512 });
    expect(await sharp((await read(second.url)).content).metadata()).toMatchObject({ width: 20, height: 10 });

    const path = `/api/v1/stores/${id}/images/${first.imageId}`;
    expect((await on.call('DELETE', path, { token: owner })).status).toBe(204);
    expect((await read(first.url)).response.status).toBe(404);
    const shown = await on.call('GET', `/api/v1/stores/${id}`);
    expect(shown.body.uploadedImages).toEqual([second]);
    const again = await on.call('DELETE', path, { token: owner });
    expect([again.status, again.body.code]).toEqual([404, 'IMAGE_NOT_FOUND']);
  });

  it('an image of a store has three sizes, of which a browser chooses, and all go with it', async () => {
    const owner = on.token(testUser(7108), 'OWNER');
    const id = await storeOf(on, testUser(7108));
    const { body } = await post(owner, id, await picture('png', 1_000, 2_000));
    const [{ imageId, url, cardUrl, thumbnailUrl, srcset }] = body.uploadedImages;
    expect(srcset).toBe(`${thumbnailUrl} 160w, ${cardUrl} 480w, ${url} 1024w`);
    const heights = [];
    for (const each of [url, cardUrl, thumbnailUrl]) {
      const { response, content } = await read(each);
      const { format, width, height } = await sharp(content).metadata();
      heights.push([response.headers.get('content-type'), format, width, height]);
    }
    expect(heights).toEqual([
      ['image/webp', 'webp', 512, 1_024],
      ['image/webp', 'webp', 240, 480],
      ['image/webp', 'webp', 80, 160],
    ]);
    await on.call('DELETE', `/api/v1/stores/${id}/images/${imageId}`, { token: owner });
    for (const each of [url, cardUrl, thumbnailUrl]) expect((await read(each)).response.status).toBe(404);
  });

  it('an image of before there were sizes has one file for all', { tags: 'process' }, async () => {
    const owner = on.token(testUser(7109), 'OWNER');
    const id = await storeOf(on, testUser(7109));
    const name = newFileName(7_330_011_234_567_000n, await picture());
    await writeFile(join(directory, name), await picture());
    await on.query('update store.stores set image_files = array[$1] where id = $2', [name, id]);
    const url = `/files/${name}`;
    const [{ imageId, ...urls }] = (await on.call('GET', `/api/v1/stores/${id}`)).body.uploadedImages;
    expect(urls).toEqual({ url, cardUrl: url, thumbnailUrl: url, srcset: `${url} 1024w` });
    expect((await on.call('DELETE', `/api/v1/stores/${id}/images/${imageId}`, { token: owner })).status).toBe(204);
    expect((await read(url)).response.status).toBe(404);
  });

  it('a client that has an image already gets 304', async () => {
    const user = await signedUp();
    const url: string = (await put(user, await picture())).body.profileImageUrl;
    const first = await fetch(on.url + url);
    const etag = first.headers.get('etag') ?? '';
    const again = await fetch(on.url + url, { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text(), again.headers.get('cache-control')]).toEqual([
      304,
      '',
      'public, max-age=31536000, immutable',
    ]);
    const other = await fetch(on.url + url, { headers: { 'if-none-match': '"other"' } });
    expect(other.status).toBe(200);
  });

  it('a store has at most ten uploaded images, however many arrive at the same time', { tags: 'process' }, async () => {
    const owner = on.token(testUser(7102), 'OWNER');
    const id = await storeOf(on, testUser(7102));
    const before = await stored();
    const content = await picture();
    const answers: Answer[] = [];
    for (let round = 0; round < 2; round++) {
      answers.push(...(await Promise.all(Array.from({ length: 6 }, () => post(owner, id, content)))));
    }
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(10).fill(201), 409, 409]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({
      code: 'IMAGE_LIMIT_EXCEEDED',
      limit: 10,
    });
    expect(images(await stored()).length - images(before).length).toBe(10);
    expect((await stored()).length - before.length).toBe(30);
  });

  it('docs/attacks.md 32: the images of a store are changed by its owner and by administrators only', {
    tags: 'process',
  }, async () => {
    const id = await storeOf(on, testUser(7103));
    const owner = on.token(testUser(7103), 'OWNER');
    const { body } = await post(owner, id, await picture());
    const imageId = body.uploadedImages[0].imageId;
    await on.call('PUT', `/api/v1/stores/${id}/staff/7105`, { token: owner });
    const closed = await storeOf(on, testUser(7103), { status: 'PENDING' });
    const before = await stored();
    const other = on.token(testUser(7104), 'OWNER');
    const own = await storeOf(on, testUser(7104));
    const attempts: [Answer, number][] = [
      [await post(other, id, await picture()), 403],
      [await post(other, closed, await picture()), 404],
      [await post(on.token(testUser(7105)), id, await picture()), 403],
      [await on.call('DELETE', `/api/v1/stores/${id}/images/${imageId}`, { token: other }), 403],
      [await on.call('DELETE', `/api/v1/stores/${own}/images/${imageId}`, { token: other }), 404],
      [await on.call('DELETE', `/api/v1/stores/${id}/images/${imageId}`, { token: on.token(testUser(7105)) }), 403],
    ];
    expect(attempts.map(([{ status }]) => status)).toEqual(attempts.map(([, expected]) => expected));
    expect(await stored()).toEqual(before);
    expect((await post(on.token(testUser(1), 'ADMIN'), id, await picture())).status).toBe(201);
  });
});

describe('the file of an image', () => {
  const gone = async (url: string): Promise<boolean> => (await read(url)).response.status === 404;

  it('the file of an image is removed when another one replaces it, when it is removed, and when a URL replaces it', async () => {
    const user = await signedUp();
    const urls: string[] = [];
    for (const red of [10, 90]) urls.push((await put(user, await picture('png', 9, 9, red))).body.profileImageUrl);
    expect(await Promise.all(urls.map(gone))).toEqual([true, false]);
    const json = { profileImageUrl: 'https://images.example.com/ada.jpg' };
    const patched = await on.call('PATCH', PROFILE, { token: user.token, json });
    expect([patched.body.profileImageUrl, await gone(urls[1] ?? '')]).toEqual([json.profileImageUrl, true]);
    const third = (await put(user, await picture())).body.profileImageUrl;
    expect((await on.call('DELETE', `${PROFILE}/image`, { token: user.token })).status).toBe(204);
    expect((await on.call('DELETE', `${PROFILE}/image`, { token: user.token })).status).toBe(204);
    const { body } = await on.call('GET', PROFILE, { token: user.token });
    expect([body.profileImageUrl, await gone(third)]).toEqual([null, true]);
  });

  it('the files of a deleted account and of its stores are removed', async () => {
    const owner = await signedUp('OWNER');
    const profile = (await put(owner, await picture())).body.profileImageUrl;
    const [kept, closing] = [await storeOf(on, owner.id), await storeOf(on, owner.id)];
    const [first] = (await post(owner.token, kept, await picture())).body.uploadedImages;
    const [second] = (await post(owner.token, closing, await picture())).body.uploadedImages;
    await on.call('DELETE', `/api/v1/stores/${closing}`, { token: owner.token });
    expect([await gone(second.url), await gone(first.url)]).toEqual([true, false]);
    expect((await on.call('DELETE', PROFILE, { token: owner.token })).status).toBe(204);
    expect(await gone(profile)).toBe(true);
    await until(() => gone(first.url));
  });

  it('docs/attacks.md 14: a repeat with the same image returns the first response, and with another one it is refused', {
    tags: 'process',
  }, async () => {
    const owner = on.token(testUser(7106), 'OWNER');
    const id = await storeOf(on, testUser(7106));
    const [content, other] = [await picture(), await picture('png', 8, 8)];
    const first = await post(owner, id, content, { key: 'image-1' });
    const before = await stored();
    // Every FormData has a boundary of its own.
    const repeated = await post(owner, id, content, { key: 'image-1', fileName: 'renamed.png' });
    const reused = await post(owner, id, other, { key: 'image-1' });
    expect([repeated.status, repeated.headers.get('idempotent-replayed'), repeated.body]).toEqual([
      201,
      'true',
      first.body,
    ]);
    expect([reused.status, reused.body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect(await stored()).toEqual(before);
  });

  it('a file that no row names is removed when it is older than a day', { tags: 'process' }, async () => {
    const user = await signedUp();
    const content = await picture();
    const dayOld = (BigInt(Date.now() - 25 * 3_600_000) - BigInt(Date.UTC(2024, 0, 1))) << 22n;
    const hourOld = dayOld + (BigInt(24 * 3_600_000) << 22n);
    const orphan = newFileName(dayOld, content);
    const [young, named, ofStore] = [
      newFileName(hourOld, content),
      newFileName(dayOld + 1n, content),
      newFileName(dayOld + 2n, content),
    ];
    const orphanInSizes = Object.values(sizesOf(newFullName(dayOld + 4n, content)));
    const namedInSizes = Object.values(sizesOf(newFullName(dayOld + 5n, content)));
    for (const name of [orphan, young, named, ofStore, ...orphanInSizes, ...namedInSizes])
      await writeFile(join(directory, name), content);
    await writeFile(join(directory, `${newFileName(dayOld + 3n, content)}.part`), 'hal');
    await writeFile(join(directory, 'notes.txt'), 'not ours');
    await on.query('update identity.users set profile_image_file = $1 where id = $2', [named, user.id]);
    const store = await storeOf(on, testUser(7107));
    const rows = [ofStore, namedInSizes[0]];
    await on.query('update store.stores set image_files = $1 where id = $2', [rows, store]);
    const before = await stored();
    expect((await on.runJobs())['files.sweep']).toBe(5);
    const left = await stored();
    expect(before.filter((name) => !left.includes(name)).sort()).toEqual(
      [orphan, `${newFileName(dayOld + 3n, content)}.part`, ...orphanInSizes].sort(),
    );
    await rm(join(directory, 'notes.txt'));
  });
});

it('many images at the same time wait or are refused with Retry-After, and coupons are issued meanwhile', async () => {
  const policyId = await openPolicy(on);
  const photo = await picture('jpeg', 5_000, 4_000);
  // A few at a time: sign-ups that would wait too long for the hash of their password are refused.
  const uploaders = await mapConcurrent(Array.from({ length: 50 }), 4, () => signedUp());
  const uploads = Promise.all(uploaders.map((user) => put(user, photo)));
  const issued = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      call(on.url, 'POST', '/api/v1/coupons/issue', {
        token: on.token(String(8_000 + index)),
        json: { policyId },
      }),
    ),
  );
  expect(new Set(issued.map(({ status }) => status))).toEqual(new Set([201]));
  const answers = await uploads;
  const refused = answers.filter(({ status }) => status === 503);
  expect([refused.length > 0, refused.length < 50]).toEqual([true, true]);
  expect(new Set(refused.map(({ body, headers }) => `${body.code} ${headers.get('retry-after')}`))).toEqual(
    new Set(['OVERLOADED 5']),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 503]));
});
