/** The counters of a Prometheus text page: `name{labels}` -> value. */
export type Metrics = ReadonlyMap<string, number>;

export async function readMetrics(url: string): Promise<Metrics> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  const samples = text.split('\n').flatMap((line) => {
    const space = line.lastIndexOf(' ');
    return line.startsWith('#') || space < 0 ? [] : [[line.slice(0, space), Number(line.slice(space + 1))] as const];
  });
  return new Map(samples);
}

/** How much the series of that name, with all of `labels` in their labels, rose between two readings. */
export function rise(before: Metrics, after: Metrics, name: string, ...labels: readonly string[]): number {
  let total = 0;
  for (const [series, value] of after) {
    const isName = series === name || series.startsWith(`${name}{`);
    if (isName && labels.every((label) => series.includes(label))) total += value - (before.get(series) ?? 0);
  }
  return total;
}

/** The response statuses of the issue route between two readings, with their counts. */
export function statusesOf(before: Metrics, after: Metrics): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const series of after.keys()) {
    const status = /^stampede_http_requests_total\{.*route="[^"]*\/issue".*status="(\d+)"/.exec(series)?.[1];
    if (status === undefined) continue;
    const times = (after.get(series) ?? 0) - (before.get(series) ?? 0);
    if (times > 0) found[status] = (found[status] ?? 0) + times;
  }
  return found;
}
