import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What the proxy does when a client sends COMMIT. */
export type AtCommit =
  | 'pass'
  /** The client's connection is cut, PostgreSQL gets the COMMIT: committed, without a response. It may read the COMMIT only after another session has looked. */
  | 'answer lost'
  /** PostgreSQL has carried out the COMMIT when the client's connection is cut. */
  | 'answer lost after the commit'
  /** Both connections are cut, the COMMIT is lost: not committed, without a response. */
  | 'request lost';

export interface PostgresProxy {
  /** The URL of the database through the proxy. */
  readonly url: string;
  /**
   * For the next COMMIT only; then it passes again. `unreachable`: no connection is accepted after that one. `of`: only a
   * transaction counts that has sent this text, for example as a parameter.
   */
  atNextCommit(what: AtCommit, after?: 'reachable' | 'unreachable', of?: string): void;
  /**
   * From now on nothing passes on the open connections, and neither end notices. `unreachable`: nothing passes on new
   * ones either, until `restore`.
   */
  silence(after?: 'reachable' | 'unreachable'): void;
  restore(): void;
  /** From now on what clients send on the connections there are is not read. It passes after `release`. */
  hold(): void;
  release(): void;
  /**
   * Lets PostgreSQL commit the `nth` transaction from now on that has sent the text `of`, and holds back the response, with everything that
   * follows on that connection. Resolves when PostgreSQL has sent the result of COMMIT; a transaction that it rolled back does not count.
   * Several calls hold at once, each with a text of its own; one text must not contain another.
   */
  withholdCommit(of: string, nth: number): Promise<void>;
  /** Passes on what `withholdCommit` has kept back. */
  passOn(): void;
  /** COMMITs that were cut so far. */
  cuts(): number;
  /** Cuts all connections and stops listening. */
  close(): Promise<void>;
}

/** A statement that is a transaction by itself is its own COMMIT. */
const COMMITS = ['COMMIT\0', 'issue-optimistic\0'].map((text) => Buffer.from(text));
const BEGINS = Buffer.from('BEGIN ');

/** PostgreSQL is ready for a query, and no transaction is open. */
const IDLE = Buffer.from('Z\0\0\0\x05I');

/** The command tags of COMMIT. */
const COMMITTED = Buffer.from('COMMIT\0');
const ROLLED_BACK = Buffer.from('ROLLBACK\0');

interface Withholding {
  readonly of: Buffer;
  /** How many such transactions may still pass. */
  passes: number;
  readonly resolve: () => void;
}

/** A TCP proxy before PostgreSQL that can lose a COMMIT or its response. */
export async function postgresProxy(databaseUrl: string): Promise<PostgresProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  const silenced = new Set<Socket>();
  let next: AtCommit = 'pass';
  let mark: string | undefined;
  let cuts = 0;
  let refusing = false;
  let isSilent = false;
  let refuseAfter = false;
  /** Those that have not resolved. */
  const withholdings = new Set<Withholding>();
  const keptBack = new Set<() => void>();

  const server = createServer((client) => {
    if (refusing) {
      client.destroy();
      return;
    }
    if (isSilent) {
      sockets.add(client);
      client.on('error', () => {}).resume();
      return;
    }
    const upstream = connect(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    clients.add(client);
    client.on('close', () => clients.delete(client));
    let isMarked = false;
    /** The last bytes of PostgreSQL's response to a COMMIT after which the client's connection is cut. */
    let beforeCut: Buffer | undefined;
    /** The one whose text this connection's transaction has sent. */
    let sent: Withholding | undefined;
    /** The bytes from PostgreSQL since a COMMIT whose response is held back. */
    let withheld: Buffer | undefined;
    /** The one that this connection's COMMIT has met. */
    let met: Withholding | undefined;

    /** Returns the withholding whose transaction this COMMIT ends. */
    function metBy(chunk: Buffer): Withholding | undefined {
      // What was sent outside of a transaction is of none.
      if (chunk.includes(BEGINS)) sent = undefined;
      for (const each of withholdings) if (chunk.includes(each.of)) sent = each;
      if (sent === undefined || !COMMITS.some((each) => chunk.includes(each))) return undefined;
      const ended = sent;
      sent = undefined;
      return ended;
    }

    function keepBack(chunk: Buffer): void {
      withheld = Buffer.concat([withheld ?? Buffer.alloc(0), chunk]);
      if (met === undefined) return;
      const isCommitted = withheld.includes(COMMITTED);
      if (!isCommitted && !withheld.includes(ROLLED_BACK)) return;
      const isLast = isCommitted && withholdings.has(met) && met.passes-- === 0;
      if (isLast) {
        withholdings.delete(met);
        keptBack.add(passOn);
        met.resolve();
        met = undefined;
        return;
      }
      passOn();
      met = undefined;
    }

    function passOn(): void {
      if (withheld !== undefined) client.write(withheld);
      withheld = undefined;
    }

    client.on('data', (chunk) => {
      if (silenced.has(client)) return;
      const ended = metBy(chunk);
      if (ended !== undefined) {
        met = ended;
        withheld = Buffer.alloc(0);
      }
      if (mark !== undefined && chunk.includes(mark)) isMarked = true;
      const commits = COMMITS.some((each) => chunk.includes(each));
      if (next === 'pass' || !commits || (mark !== undefined && !isMarked)) {
        if (commits) isMarked = false;
        upstream.write(chunk);
        return;
      }
      const what = next;
      next = 'pass';
      cuts += 1;
      refusing = refuseAfter;
      if (what === 'answer lost after the commit') {
        beforeCut = Buffer.alloc(0);
        upstream.write(chunk);
        return;
      }
      client.destroy();
      // PostgreSQL reads what it was sent and then the end of the stream.
      if (what === 'answer lost') upstream.end(chunk);
      else upstream.destroy();
    });
    upstream.on('data', (chunk) => {
      if (silenced.has(upstream)) return;
      if (beforeCut !== undefined) {
        beforeCut = Buffer.concat([beforeCut.subarray(-IDLE.length), chunk]);
        if (beforeCut.includes(IDLE)) client.destroy();
        return;
      }
      if (withheld === undefined) client.write(chunk);
      else keepBack(chunk);
    });
    upstream.on('close', () => {
      if (!silenced.has(upstream)) client.destroy();
    });
    // After 'answer lost' PostgreSQL is still at work on what it was sent.
    for (const event of ['end', 'close']) {
      client.on(event, () => {
        if (!silenced.has(client)) upstream.end();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    atNextCommit(what, after = 'reachable', of = undefined) {
      next = what;
      mark = of;
      refuseAfter = after === 'unreachable';
    },
    silence(after = 'reachable') {
      isSilent = after === 'unreachable';
      for (const socket of sockets) silenced.add(socket);
    },
    restore() {
      isSilent = false;
    },
    hold() {
      for (const client of clients) client.pause();
    },
    release() {
      for (const client of clients) client.resume();
    },
    withholdCommit(of, nth) {
      const { promise, resolve } = Promise.withResolvers<void>();
      withholdings.add({ of: Buffer.from(of), passes: nth - 1, resolve });
      return promise;
    },
    passOn() {
      for (const pass of keptBack) pass();
      keptBack.clear();
    },
    cuts: () => cuts,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
