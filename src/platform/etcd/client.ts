import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import {
  AuthDefinition,
  KVDefinition,
  LeaseDefinition,
  type LeaseKeepAliveRequest,
  type LeaseKeepAliveResponse,
  WatchDefinition,
  type WatchRequest,
  type WatchResponse,
} from '../../gen/etcd/etcdserverpb/rpc.ts';
import { encodeWith, type MessageCoder } from '../grpc/contract.ts';

const CALL_MS = 3_000;
/** etcd closes connections that are probed more often than every 5 s. */
const KEEPALIVE_MS = 6_000;
const KEEPALIVE_TIMEOUT_MS = 3_000;
/** After these another member of etcd is tried. */
const OTHER_MEMBER: readonly status[] = [status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.CANCELLED];
/** What etcd returns for a wrong name or password, and for a user without rights. */
const DENIED: readonly status[] = [status.UNAUTHENTICATED, status.PERMISSION_DENIED];
const WRONG_LOGIN = /authentication failed|user name is empty/;

export interface EtcdOptions {
  /** host:port of the members. */
  readonly endpoints: readonly string[];
  readonly credentials: ChannelCredentials;
  readonly login: { readonly user: string; readonly password: string } | undefined;
}

export interface EtcdEntry {
  readonly key: string;
  readonly value: string;
}

export interface EtcdChange extends EtcdEntry {
  readonly isDeleted: boolean;
}

/** The part of etcd that finding services needs. Each call takes 3 s at most and rejects with what etcd or the connection said. */
export interface EtcdClient {
  /** Everything whose key begins with `prefix`, at one revision of the store. */
  list(prefix: string): Promise<{ readonly entries: readonly EtcdEntry[]; readonly revision: bigint }>;
  /**
   * Calls `onChanges` with what changes after `revision`, in order and without gaps. Rejects when that is no longer possible: the connection broke,
   * etcd forgot the revision, or has lost its data. Resolves after an abort.
   */
  watch(
    prefix: string,
    revision: bigint,
    onChanges: (changes: readonly EtcdChange[]) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Stores an entry that goes with the lease. */
  put(entry: EtcdEntry, lease: bigint): Promise<void>;
  /** A lease ends `seconds` after it was last kept alive. */
  grantLease(seconds: number): Promise<bigint>;
  /** Returns false when there is no such lease any more. */
  keepAlive(lease: bigint): Promise<boolean>;
  /** Removes the lease with all that is stored with it. */
  revokeLease(lease: bigint): Promise<void>;
  close(): void;
}

/** Did etcd refuse the login, or the right to do it? */
export const isDenied = (error: unknown): boolean => {
  const { code, details } = error as Partial<ServiceError>;
  return (code !== undefined && DENIED.includes(code)) || WRONG_LOGIN.test(details ?? '');
};

interface Method<Request, Response> {
  readonly name: string;
  readonly requestType: MessageCoder & { encode(message: Request): unknown };
  readonly responseType: { decode(bytes: Uint8Array): Response };
}

/** A client of the etcd whose members are listed. Connects with the first call, and to the next member when one does not respond. */
export function etcdClient({ endpoints, credentials: secured, login }: EtcdOptions): EtcdClient {
  const clients = endpoints.map(
    (endpoint) =>
      new Client(endpoint, secured, {
        'grpc.keepalive_time_ms': KEEPALIVE_MS,
        'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
        'grpc.initial_reconnect_backoff_ms': 100,
        'grpc.max_reconnect_backoff_ms': 1_000,
        'grpc.use_local_subchannel_pool': 1,
      }),
  );
  let member = 0;
  let token: string | undefined;

  const current = (): Client => {
    const client = clients[member % clients.length];
    if (client === undefined) throw new Error('etcd without an endpoint passed the configuration');
    return client;
  };
  /** The next call uses another member, and logs in again: a token may have expired, or be one of data that are gone. */
  const onFailure = (error: ServiceError, used: Client): void => {
    token = undefined;
    if (OTHER_MEMBER.includes(error.code) && used === current()) member += 1;
  };
  const unary = <Request, Response>(
    service: { readonly fullName: string },
    method: Method<Request, Response>,
    request: Request,
    metadata: Metadata,
  ): Promise<Response> => {
    const client = current();
    const decode = (bytes: Buffer) => method.responseType.decode(bytes);
    const encode = (message: Request) => encodeWith(method.requestType, message);
    const path = `/${service.fullName}/${method.name}`;
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        path,
        encode,
        decode,
        request,
        metadata,
        { deadline: Date.now() + CALL_MS },
        (error, got) => {
          if (error) onFailure(error, client);
          if (error || got === undefined) reject(error ?? new Error(`${path} returned nothing`));
          else resolve(got);
        },
      );
    });
  };
  const metadataOf = async (): Promise<Metadata> => {
    const metadata = new Metadata();
    if (login === undefined) return metadata;
    if (token === undefined) {
      const request = { name: login.user, password: login.password };
      token = (await unary(AuthDefinition, AuthDefinition.methods.authenticate, request, metadata)).token;
    }
    metadata.set('token', token);
    return metadata;
  };
  const stream = async <Request, Response>(
    service: { readonly fullName: string },
    method: Method<Request, Response>,
    deadline?: number,
  ): Promise<{ readonly call: ClientDuplexStream<Request, Response>; readonly client: Client }> => {
    const metadata = await metadataOf();
    const client = current();
    const call = client.makeBidiStreamRequest<Request, Response>(
      `/${service.fullName}/${method.name}`,
      (message) => encodeWith(method.requestType, message),
      (bytes) => method.responseType.decode(bytes),
      metadata,
      deadline === undefined ? {} : { deadline },
    );
    return { call, client };
  };
  return {
    async list(prefix) {
      const request = { key: Buffer.from(prefix), rangeEnd: endOf(prefix) };
      const { kvs, header } = await unary(KVDefinition, KVDefinition.methods.range, request, await metadataOf());
      return { entries: kvs.map(({ key, value }) => entryOf(key, value)), revision: header?.revision ?? 0n };
    },
    async watch(prefix, revision, onChanges, signal) {
      if (signal.aborted) return;
      const { call, client } = await stream<WatchRequest, WatchResponse>(
        WatchDefinition,
        WatchDefinition.methods.watch,
      );
      await new Promise<void>((resolve, reject) => {
        const stop = (error?: Error): void => {
          signal.removeEventListener('abort', onAbort);
          call.cancel();
          if (error === undefined) resolve();
          else reject(error);
        };
        const onAbort = (): void => stop();
        signal.addEventListener('abort', onAbort);
        if (signal.aborted) return stop();
        call.on('error', (error: ServiceError) => {
          if (signal.aborted) return;
          onFailure(error, client);
          stop(error);
        });
        call.on('end', () => stop(new Error('etcd ended the watch')));
        call.on('data', ({ canceled, cancelReason, compactRevision, header, events }: WatchResponse) => {
          if (canceled || compactRevision > 0n) {
            token = undefined;
            return stop(new Error(`etcd cancelled the watch: ${cancelReason || `revision ${revision} is compacted`}`));
          }
          // Revisions have begun again: a watch would wait until they reach the old one, and miss the changes before.
          if ((header?.revision ?? 0n) < revision) return stop(new Error('etcd has lost its data'));
          const changes = events.flatMap(({ type, kv }) =>
            kv === undefined ? [] : [{ ...entryOf(kv.key, kv.value), isDeleted: type === DELETED }],
          );
          if (changes.length > 0) onChanges(changes);
        });
        const value = { key: Buffer.from(prefix), rangeEnd: endOf(prefix), startRevision: revision + 1n };
        call.write({ requestUnion: { $case: 'createRequest', value } });
      });
    },
    async put({ key, value }, lease) {
      const request = { key: Buffer.from(key), value: Buffer.from(value), lease };
      await unary(KVDefinition, KVDefinition.methods.put, request, await metadataOf());
    },
    async grantLease(seconds) {
      const { leaseGrant } = LeaseDefinition.methods;
      return (await unary(LeaseDefinition, leaseGrant, { TTL: BigInt(seconds) }, await metadataOf())).ID;
    },
    async keepAlive(lease) {
      const { leaseKeepAlive } = LeaseDefinition.methods;
      const { call, client } = await stream<LeaseKeepAliveRequest, LeaseKeepAliveResponse>(
        LeaseDefinition,
        leaseKeepAlive,
        Date.now() + CALL_MS,
      );
      return await new Promise((resolve, reject) => {
        call.on('data', ({ TTL }: LeaseKeepAliveResponse) => {
          resolve(TTL > 0n);
          call.cancel();
        });
        call.on('error', (error: ServiceError) => {
          // After the response this is its own cancellation.
          if (error.code !== status.CANCELLED) onFailure(error, client);
          reject(error);
        });
        call.on('end', () => reject(new Error('etcd ended the call without a response')));
        call.write({ ID: lease });
      });
    },
    async revokeLease(lease) {
      await unary(LeaseDefinition, LeaseDefinition.methods.leaseRevoke, { ID: lease }, await metadataOf());
    },
    close() {
      for (const client of clients) client.close();
    },
  };
}

/** Insecure, or with the authorities and the certificate in PEM. */
export const etcdCredentials = (
  isEncrypted: boolean,
  { ca, cert, key }: { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer },
): ChannelCredentials =>
  isEncrypted ? credentials.createSsl(ca ?? null, key ?? null, cert ?? null) : credentials.createInsecure();

const DELETED = 1;

const entryOf = (key: Uint8Array, value: Uint8Array): EtcdEntry => ({
  key: Buffer.from(key).toString(),
  value: Buffer.from(value).toString(),
});

/** The first key after all that begin with `prefix`, which ends with an ASCII character. */
function endOf(prefix: string): Buffer {
  const end = Buffer.from(prefix);
  end[end.length - 1] = (end.at(-1) ?? 0) + 1;
  return end;
}
