import type { ServiceApi, ServiceContract } from '../../platform/grpc/contract.ts';
import { type Dialled, dial } from '../../platform/grpc/dial.ts';
import type { ServiceTokens } from '../../platform/grpc/service-tokens.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import type { RemoteApi } from '../bind.ts';
import { CONTEXTS, type ContextName, runs } from '../contexts.ts';
import type { Part, ServiceSettings } from '../service-variables.ts';
import type { GrpcCredentials } from './credentials.ts';

export interface Remotes {
  readonly apiOf: RemoteApi;
  /**
   * Another service of the process that hosts `name`. A connection is made with the first call.
   * @param callMs how long a call may take. Default: as long as one of a context
   */
  serviceAt(name: ContextName, contract: ServiceContract, caller: Part, callMs?: number): object;
  /** Each rejects while its context cannot be reached. */
  readonly checks: Readonly<Record<string, () => Promise<void>>>;
  close(): void;
}

const PING_MS = 1_500;
/** The gateway reads from identity which sessions have ended before it serves anybody. */
const IDENTITY_MS = 30_000;

/**
 * Connects to the contexts that other processes host; a connection is made with the first call. `names`: which; each has an address.
 * @throws StartError when identity cannot be reached for 30 s
 */
export async function openRemotes(
  names: readonly ContextName[],
  { addresses }: ServiceSettings,
  tokens: ServiceTokens,
  { client, isMutual }: GrpcCredentials,
): Promise<Remotes> {
  const dialled = new Map<ContextName, Dialled>();
  const others: Dialled[] = [];
  const connect = (name: ContextName, contract: ServiceContract, callMs?: number): Dialled => {
    const address = addresses[name];
    if (address === undefined) throw new Error(`${name} without an address passed the configuration`);
    // The certificate names the context, wherever it runs: an address alone proves nothing.
    const options = { address, credentials: client, ...(isMutual ? { serverName: name } : {}) };
    return dial(contract, { ...options, ...(callMs === undefined ? {} : { callMs }) });
  };
  const apis = new Map<string, ServiceApi>();
  for (const context of CONTEXTS.filter(runs)) {
    const { name } = context;
    if (!names.includes(name)) continue;
    dialled.set(name, connect(name, await context.contract()));
  }
  await dialled
    .get('identity')
    ?.ping(IDENTITY_MS)
    .catch((error: unknown) => {
      const message = `IDENTITY_ADDRESS=${addresses.identity} cannot be reached. Start the process that hosts identity.`;
      throw new StartError(message, { cause: error });
    });
  return {
    apiOf(name, caller) {
      const key = `${caller} ${name}`;
      const api = apis.get(key) ?? dialled.get(name)?.apiFor(tokens.signer(caller, name));
      if (api === undefined) throw new Error(`${caller} calls ${name}, which was not dialled`);
      apis.set(key, api);
      return api;
    },
    serviceAt(name, contract, caller, callMs) {
      const service = connect(name, contract, callMs);
      others.push(service);
      return service.apiFor(tokens.signer(caller, name));
    },
    checks: Object.fromEntries([...dialled].map(([name, { ping }]) => [name, () => ping(PING_MS)])),
    close() {
      for (const { close } of [...dialled.values(), ...others]) close();
    },
  };
}
