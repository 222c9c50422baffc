import { availableParallelism } from 'node:os';
import { Gauge, type Registry } from 'prom-client';
import sharp from 'sharp';
import { type Limit, limited } from '../kernel/limited.ts';
import { PIXELS_MAX } from './no-image.ts';

const QUALITY = 80;
const SECONDS_MAX = 10;

/** One image on a machine of up to 7 cores: the others issue coupons. More than these that wait are refused. */
export const imageLimit = (cores: number): Limit => ({
  running: Math.max(1, Math.floor(cores / 4)),
  waiting: 16,
  refusal: 'too many images wait to be encoded',
});

/**
 * Decodes a JPEG, PNG or WebP by its content and encodes it anew as WebP, so that nothing of the file but its picture is stored: no
 * metadata, and no bytes that another program would take for a page. Its orientation is applied; of an animation the first frame is left.
 * The picture is made smaller, so that no side is longer than each of `sides`, in pixels. Returns one WebP for each.
 *
 * Returns undefined for anything else: another type, a damaged or cut file, more than 30 million pixels.
 * Rejects with Unavailable OVERLOADED when too many images wait.
 */
export type EncodeImage = (content: Uint8Array, sides: readonly number[]) => Promise<readonly Uint8Array[] | undefined>;

export function imageEncoder(metrics: Registry, cores = availableParallelism()): EncodeImage {
  restrictLibvips();
  const work = limited(imageLimit(cores));
  new Gauge({
    name: 'stampede_images_waiting',
    help: 'Images waiting to be encoded',
    registers: [metrics],
    collect() {
      this.set(work.waiting());
    },
  });
  return (content, sides) => work.run(() => encode(content, sides));
}

/** For the whole process. */
function restrictLibvips(): void {
  // Only these decoders are left, whatever a file claims to be: none of SVG, PDF or camera formats.
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'] });
  // Each image occupies one thread, and nothing of it is kept.
  sharp.concurrency(1);
  sharp.cache(false);
}

async function encode(content: Uint8Array, sides: readonly number[]): Promise<readonly Uint8Array[] | undefined> {
  try {
    // Decoded once, at the largest size: the smaller ones are made of its pixels.
    const { data, info } = await sharp(content, { limitInputPixels: PIXELS_MAX, failOn: 'warning' })
      .autoOrient()
      .resize(within(Math.max(...sides)))
      .timeout({ seconds: SECONDS_MAX })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const encoded: Uint8Array[] = [];
    for (const side of sides) {
      const picture = sharp(data, { raw: { width, height, channels } }).resize(within(side));
      encoded.push(await picture.webp({ quality: QUALITY }).toBuffer());
    }
    return encoded;
  } catch {
    // libvips reports every fault of a file by a text only; it has no fault of its own that a caller could act on.
    return undefined;
  }
}

const within = (side: number) => ({ width: side, height: side, fit: 'inside', withoutEnlargement: true }) as const;
