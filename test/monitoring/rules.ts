import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

export const RULE_FILES = ['stampede-recording.yml', 'stampede-alerts.yml'].map(
  (file) => `deploy/prometheus/rules/${file}`,
);

const Alert = z.strictObject({
  alert: z.string(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string(), runbook_url: z.url() }),
});
const Recorded = z.strictObject({ record: z.string(), expr: z.string() });
const RuleFile = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(z.union([Alert, Recorded])) })),
});

export type AlertRule = z.infer<typeof Alert>;

const rules = RULE_FILES.flatMap((file) => RuleFile.parse(parse(readFileSync(file, 'utf8'))).groups).flatMap(
  ({ rules: ofGroup }) => ofGroup,
);

/** The alerts of deploy/prometheus/rules. */
export const ALERTS: readonly AlertRule[] = rules.filter((rule) => 'alert' in rule);
/** The expressions that are recorded, by their names. */
export const RECORDED: ReadonlyMap<string, string> = new Map(
  rules.flatMap((rule) => ('record' in rule ? [[rule.record, rule.expr]] : [])),
);

/** Returns the names of series of Stampede in an expression, also recorded ones. */
export const seriesIn = (expression: string): readonly string[] => [
  ...new Set(
    [...expression.replaceAll(/"[^"]*"/g, '""').matchAll(/(?<![\w:])(?:[a-z_]+:)?stampede_\w+(?::\w+)*/g)].map(
      ([name]) => name,
    ),
  ),
];
