import type { MessageStream, StreamContract } from '../../platform/grpc/contract.ts';

/** Opens a stream to one of the instances of a context; undefined when none is known. */
export type OpenStream = (path: string, contract: StreamContract) => MessageStream | undefined;
