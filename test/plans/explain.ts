import pg from 'pg';
import { BY_INDEX } from '../../src/platform/postgres/database.ts';
import type { RecordedStatement } from './recorded-statements.ts';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Filter?: string;
  readonly Plans?: readonly PlanNode[];
}

/** How a statement reads one table. */
export interface Access {
  readonly table: string;
  readonly node: string;
  readonly index: string | undefined;
  readonly condition: string | undefined;
  readonly filter: string | undefined;
}

/** Explains the generic plans of statements, with the settings of the sessions that they were sent by. */
export async function accessesOf(url: string, statements: Iterable<RecordedStatement>) {
  const sessions = {
    batcher: new pg.Client({ connectionString: url, options: BY_INDEX }),
    queries: new pg.Client({ connectionString: url }),
  };
  await Promise.all([sessions.batcher.connect(), sessions.queries.connect()]);
  const found = new Map<string, readonly Access[]>();
  for (const { name, text, usesBatcherPool } of statements) {
    const { rows } = await sessions[usesBatcherPool ? 'batcher' : 'queries'].query<{
      'QUERY PLAN': readonly [{ Plan: PlanNode }];
    }>(`explain (generic_plan, format json) ${text}`);
    found.set(
      name,
      rows.flatMap((row) => accessesIn(row['QUERY PLAN'][0].Plan)),
    );
  }
  await Promise.all([sessions.batcher.end(), sessions.queries.end()]);
  return found;
}

const isBitmap = (node: PlanNode): boolean => node['Node Type'] === 'Bitmap Index Scan';

function accessesIn(node: PlanNode): readonly Access[] {
  const below = (node.Plans ?? []).flatMap(accessesIn);
  const table = node['Relation Name'];
  if (table === undefined || node['Node Type'] === 'ModifyTable') return below;
  // A bitmap of a table's rows is made by the node below.
  const bitmap = node['Node Type'] === 'Bitmap Heap Scan' ? node.Plans?.find(isBitmap) : undefined;
  const { 'Index Name': index, 'Index Cond': condition } = bitmap ?? node;
  return [{ table, node: node['Node Type'], index, condition, filter: node.Filter }, ...below];
}
