import { Registry } from 'prom-client';
import sharp from 'sharp';
import { IMAGE_SIDES } from '../../src/contexts/store/api.ts';
import { imageEncoder } from '../../src/platform/files/encode-image.ts';
import { newFullName, sizesOf } from '../../src/platform/files/file-name.ts';
import { EPOCH_MS } from '../../src/platform/kernel/ids.ts';

/** A picture with large areas, edges and noise, as photos have them, as JPEG. */
export async function photo(width: number, height: number, seed: number): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 3);
  let random = seed;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
      const noise = (random >> 16) % 24;
      const edge = (Math.floor(x / 97) + Math.floor(y / 131) + seed) % 5;
      const at = (y * width + x) * 3;
      pixels[at] = 40 * edge + noise + Math.floor((40 * x) / width);
      pixels[at + 1] = 30 * edge + noise + Math.floor((60 * y) / height);
      pixels[at + 2] = 20 * edge + noise + 30;
    }
  return await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
}

/** The files of `count` uploaded images by their names, as the program encodes them. */
export async function filesOf(count: number): Promise<ReadonlyMap<string, Uint8Array>> {
  const encode = imageEncoder(new Registry());
  const files = new Map<string, Uint8Array>();
  // Of now: old files that no row names are swept.
  const firstId = BigInt(Date.now() - EPOCH_MS) << 22n;
  const sides = [IMAGE_SIDES.full, IMAGE_SIDES.card, IMAGE_SIDES.thumbnail];
  for (let index = 0; index < count; index++) {
    const [full, card, thumbnail] = (await encode(await photo(2_000, 1_500, index + 1), sides)) ?? [];
    if (!full || !card || !thumbnail) throw new Error('an image was not encoded');
    const names = sizesOf(newFullName(firstId + BigInt(index), full));
    files.set(names.full, full).set(names.card, card).set(names.thumbnail, thumbnail);
  }
  return files;
}
