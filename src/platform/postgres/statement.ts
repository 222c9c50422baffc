/** A prepared statement. PostgreSQL parses and plans a statement of this `name` once for each connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Collects the statements that write lists of rows. An empty list needs no statement. */
export class RowWrites {
  readonly statements: Statement[] = [];
  readonly #prefix: string;

  /** @param prefix of the names of the statements */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** @param valuesOf the parameters of the statement, for the rows */
  add<Row>(rows: readonly Row[], name: string, text: string, valuesOf: (rows: readonly Row[]) => unknown[]): void {
    if (rows.length > 0) this.statements.push({ name: this.#prefix + name, text, values: valuesOf(rows) });
  }
}
