import type { Query } from './grafana.ts';

/** The processes that the reader has chosen, with further matchers. */
export const of = (metric: string, matchers = ''): string =>
  `${metric}{job="$job", instance=~"$instance"${matchers === '' ? '' : `, ${matchers}`}}`;

const by = (labels: readonly string[]): string => (labels.length === 0 ? 'sum ' : `sum by (${labels.join(', ')}) `);
const legendOf = (labels: readonly string[], otherwise: string): string =>
  labels.length === 0 ? otherwise : labels.map((label) => `{{${label}}}`).join(' ');

/** The rate of a counter in a second. `legend` is for a query without labels. */
export const rate = (metric: string, labels: readonly string[], legend = '', matchers = ''): Query => ({
  expr: `${by(labels)}(rate(${of(metric, matchers)}[$__rate_interval]))`,
  legend: legendOf(labels, legend),
});

/** The values of gauges, added up over processes. */
export const total = (metric: string, labels: readonly string[], legend = '', matchers = ''): Query => ({
  expr: `${by(labels)}(${of(metric, matchers)})`,
  legend: legendOf(labels, legend),
});

/** The largest of the values of all processes. */
export const largest = (metric: string, labels: readonly string[], legend = '', matchers = ''): Query => ({
  expr: `max ${labels.length === 0 ? '' : `by (${labels.join(', ')}) `}(${of(metric, matchers)})`,
  legend: legendOf(labels, legend),
});

/** Quantiles of a histogram, one query each. */
export const quantiles = (
  metric: string,
  labels: readonly string[],
  matchers = '',
  shares: readonly number[] = [0.5, 0.99],
): readonly Query[] =>
  shares.map((share) => ({
    expr: `histogram_quantile(${share}, sum by (${[...labels, 'le'].join(', ')}) (rate(${of(`${metric}_bucket`, matchers)}[$__rate_interval])))`,
    legend: `${legendOf(labels, '')} p${share * 100}`.trim(),
  }));

/** Two sums in relation, such as errors to all; nothing while there are none. */
export const ratio = (part: Query, whole: Query, legend: string): Query => ({
  expr: `${part.expr} / (${whole.expr} > 0)`,
  legend,
});
