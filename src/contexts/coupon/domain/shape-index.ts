import { type CodeShape, fits } from './code.ts';

/** More of them and nodes look every code up instead: reading them each second would cost more than it saves. */
export const SHAPES_MAX = 10_000;

/** Answers at once whether a code could be one of any of the shapes, however many there are. */
export function shapeIndex(shapes: readonly CodeShape[]): (code: string) => boolean {
  if (shapes.length > SHAPES_MAX) return () => true;
  const byFront = new Map<string, CodeShape[]>();
  const fronts = new Set<number>();
  for (const shape of shapes) {
    const key = `${shape.length} ${shape.prefix}`;
    const alike = byFront.get(key);
    if (alike) alike.push(shape);
    else byFront.set(key, [shape]);
    fronts.add(shape.prefix.length);
  }
  return (code) => {
    for (const front of fronts) {
      const alike = byFront.get(`${code.length} ${code.slice(0, front)}`);
      if (alike?.some((shape) => fits(shape, code))) return true;
    }
    return false;
  };
}
