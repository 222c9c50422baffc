import decodeQR from 'qr/decode.js';
import { expect, it } from 'vitest';
import { redemptionCodeJson } from './coupon-counter.schemas.ts';

const PIXELS = 4;

/** Draws the squares of the image as a scanner would see them, on the background that the image has. */
function drawn(svg: string): { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray } {
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]) * PIXELS;
  const data = new Uint8ClampedArray(size * size * 4);
  const paint = (x: number, y: number, modules: number, shade: number) => {
    for (let row = y * PIXELS; row < (y + modules) * PIXELS; row++) {
      for (let column = x * PIXELS; column < (x + modules) * PIXELS; column++) {
        data.set([shade, shade, shade, 255], (row * size + column) * 4);
      }
    }
  };
  const background = /<path fill="#fff" d="M0 0h(\d+)v\1H0Z"\/>/.exec(svg)?.[1];
  if (background !== undefined) paint(0, 0, Number(background), 255);
  let [x, y] = [0, 0];
  for (const [, move, dx, dy] of svg.matchAll(/([Mm])(-?\d+) ?(-?\d+)h1v1[Hh]-?\d+Z/g)) {
    [x, y] = move === 'M' ? [Number(dx), Number(dy)] : [x + Number(dx), y + Number(dy)];
    paint(x, y, 1, 0);
  }
  return { width: size, height: size, data };
}

it.each(['W556W-3DR24-8138', '00000-00000-0000', 'ZZZZZ-ZZZZZ-ZZZE'])(
  'a scanner reads %s from its image, without the dashes',
  (code) => {
    const json = redemptionCodeJson(code);
    expect(json.code).toBe(code);
    expect(decodeQR(drawn(json.qrSvg))).toBe(code.replaceAll('-', ''));
  },
);
