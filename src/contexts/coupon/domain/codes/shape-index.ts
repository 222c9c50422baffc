import { type CodeShape, fitsShape } from './code.ts';

/** With more shapes a node looks every code up: reading them each second would cost more than it saves. */
export const SHAPES_MAX = 10_000;

/** Returns a predicate: does a code fit any of the shapes? Its cost does not depend on the number of shapes. */
export function shapeIndex(shapes: readonly CodeShape[]): (code: string) => boolean {
  if (shapes.length > SHAPES_MAX) return () => true;
  const byPrefix = new Map<string, CodeShape[]>();
  const prefixLengths = new Set<number>();
  for (const shape of shapes) {
    const key = `${shape.length} ${shape.prefix}`;
    const candidates = byPrefix.get(key);
    if (candidates) candidates.push(shape);
    else byPrefix.set(key, [shape]);
    prefixLengths.add(shape.prefix.length);
  }
  return (code) => {
    for (const prefixLength of prefixLengths) {
      const candidates = byPrefix.get(`${code.length} ${code.slice(0, prefixLength)}`);
      if (candidates?.some((shape) => fitsShape(shape, code))) return true;
    }
    return false;
  };
}
