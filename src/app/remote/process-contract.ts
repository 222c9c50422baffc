import { ProcessServiceDefinition } from '../../gen/wire/stampede/process/v1/process.ts';
import type { ServiceContract } from '../../platform/grpc/contract.ts';

export const PROCESS_CONTRACT: ServiceContract = ProcessServiceDefinition;
/** The tasks of a context may take 2 minutes. */
export const PROCESS_CALL_MS = 130_000;
