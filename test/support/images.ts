import { pino } from 'pino';
import { Registry } from 'prom-client';
import sharp from 'sharp';
import { inject } from 'vitest';
import type { Images } from '../../src/platform/files/images.ts';
import { openFiles } from '../../src/platform/files/open-files.ts';
import { snowflake } from '../../src/platform/kernel/ids.ts';

/** Images in the directory of this run's files. */
export const testImages = (): Images =>
  openFiles(
    { kind: 'DIRECTORY', directory: inject('filesDirectory') },
    { nextId: snowflake(() => 1, Date.now), metrics: new Registry(), log: pino({ level: 'silent' }) },
  ).images;

type Format = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'tiff';

/** A picture of one colour. */
export const picture = (format: Format = 'png', width = 40, height = 30, red = 200): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: { r: red, g: 80, b: 20 } } })
    .toFormat(format)
    .toBuffer();
