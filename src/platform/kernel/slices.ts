/** Splits a list into parts of at most `max` items, in order: what one call or statement may have. No parts for an empty list. */
export function slices<Item>(items: readonly Item[], max: number): Item[][] {
  const parts: Item[][] = [];
  for (let at = 0; at < items.length; at += max) parts.push(items.slice(at, at + max));
  return parts;
}
