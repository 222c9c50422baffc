/** Adds the fields of `b` to those of the same names of `a`, which may have others; those are left out. */
export function addFields<Name extends string>(
  a: Readonly<Record<NoInfer<Name>, bigint>>,
  b: Readonly<Record<Name, bigint>>,
): Record<Name, bigint> {
  const sum: Record<Name, bigint> = { ...b };
  for (const name of Object.keys(b) as Name[]) sum[name] += a[name];
  return sum;
}
