export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Sent {
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Sent once: a stream cannot be repeated. */
  readonly csv?: ReadableStream<Uint8Array>;
  /** The customer for whom an API key acts (X-User-Id). */
  readonly asUser?: string | undefined;
}

/** The API of a running server, called as the user or machine whose credential it is. */
export interface Api {
  readonly url: URL;
  /**
   * Resolves to the response of a request that was done. A request is repeated while the server is busy or does not respond, and takes effect once.
   * @param path of the route, with the values of its parameters
   * @throws ApiRefusal when it was refused; StartError when the server cannot be reached
   */
  call(method: Method, path: string, sent?: Sent): Promise<Response>;
}
