/** A prepared statement. PostgreSQL parses and plans a statement of this `name` once for each connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}
