import sharp, { type Sharp } from 'sharp';
import { IMAGE_SIDES } from '../../src/contexts/store/api.ts';
import { photo } from './pictures.ts';

export interface Encoding {
  readonly format: string;
  /** Of one upload: the three sizes, after it was decoded. */
  readonly cpuMs: number;
  readonly bytes: number;
}

const FORMATS = {
  'WebP, quality 80': (picture: Sharp) => picture.webp({ quality: 80 }),
  'AVIF, quality 55, effort 0': (picture: Sharp) => picture.avif({ quality: 55, effort: 0 }),
  'AVIF, quality 55, effort 2': (picture: Sharp) => picture.avif({ quality: 55, effort: 2 }),
  'AVIF, quality 55, effort 4': (picture: Sharp) => picture.avif({ quality: 55, effort: 4 }),
};

/** The CPU of encoding the three sizes of an upload, on one thread, and their bytes: the mean of `count` images. */
export async function measureEncoding(count: number): Promise<readonly Encoding[]> {
  sharp.concurrency(1);
  sharp.cache(false);
  const decoded = await Promise.all(
    Array.from({ length: count }, async (_, seed) =>
      sharp(await photo(2_000, 1_500, seed + 1))
        .resize(IMAGE_SIDES.full)
        .raw()
        .toBuffer({ resolveWithObject: true }),
    ),
  );
  const results: Encoding[] = [];
  for (const [format, encode] of Object.entries(FORMATS)) {
    let bytes = 0;
    const before = process.cpuUsage();
    for (const { data, info } of decoded)
      for (const side of Object.values(IMAGE_SIDES)) {
        const { width, height, channels } = info;
        bytes += (await encode(sharp(data, { raw: { width, height, channels } }).resize(side)).toBuffer()).length;
      }
    const { user, system } = process.cpuUsage(before);
    results.push({ format, cpuMs: (user + system) / 1_000 / count, bytes: bytes / count });
  }
  return results;
}
