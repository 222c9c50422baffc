import type { Outcome } from './history.ts';

/** The clients of a rush and their requests. `Data` is the relevant content of a response. */
export interface LoadProfile<Data> {
  readonly clients: number;
  /** Decimal id of the client's user. Several clients may be one user. */
  user(client: number): string;
  /** The first request of a client, built before the start of the rush. */
  request(client: number): Uint8Array;
  /** Extracts the data of a final response, if any. Must be cheap: nine of ten responses are refusals. */
  read(status: number, body: string): Data | undefined;
  /** The next request of the client, when one follows from this response. */
  follow?(outcome: Outcome<Data>): Uint8Array | undefined;
}
