import { elements } from './sql.ts';
import type { Server, Transaction } from './transactions.ts';

export interface Result {
  readonly command: string;
  readonly rows: readonly unknown[];
  readonly rowCount: number;
}

/** What a statement runs in. */
export interface Session {
  readonly server: Server;
  readonly transaction: Transaction;
  /** The database's clock. */
  readonly nowMs: () => number;
}

export type Run = (session: Session, values: readonly unknown[]) => Result | Promise<Result>;

export const returned = (rows: readonly unknown[]): Result => ({ command: 'SELECT', rows, rowCount: rows.length });
export const written = (rowCount: number): Result => ({ command: 'UPDATE', rows: [], rowCount });

export const lockRow = ({ server, transaction }: Session, table: string, id: unknown): Promise<void> =>
  server.lock(transaction, `${table} ${id}`);
export const ids = (value: unknown): bigint[] => elements(value).map((id) => BigInt(id as string));

export const sorted = (list: readonly bigint[]): readonly bigint[] => [...list].sort((a, b) => (a < b ? -1 : 1));
