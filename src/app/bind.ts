import type { ContextModule } from '../platform/context.ts';
import { type Apis, CONTEXTS, type Modules, type RunningContext, runs } from './contexts.ts';
import type { ContextName, Part, Target } from './parts.ts';
import { callsOf } from './targets.ts';

/** What the contexts are created with: what each of them gets, and the settings of all. */
export type Kit = RunningContext['create'] extends (kit: infer Kit, apis: never) => unknown ? Kit : never;
/** Returns the API of a context in another process, for one caller. */
export type RemoteApi = (name: ContextName, caller: Part) => object;

export interface Bound {
  /** What the gateway calls. Reading one that the process neither hosts nor reaches throws. */
  readonly apis: Apis;
  /** The contexts that run in this process. */
  readonly modules: Partial<Modules>;
  readonly hosted: readonly ContextModule<unknown>[];
}

/** For a process that hosts everything. */
export const noRemotes: RemoteApi = (name) => {
  throw new Error(`${name} is in no other process`);
};

/** The only file that knows whether a context is local: those of the target are created, others are called by `remote`. */
export function bind({ parts }: Target, kit: Kit, remote: RemoteApi = noRemotes): Bound {
  const modules: Partial<Record<ContextName, ContextModule<unknown>>> = {};
  const apisFor = (caller: Part): Apis =>
    new Proxy({} as Apis, {
      get(_, key) {
        const name = key as ContextName;
        if (!callsOf(caller).includes(name))
          throw new Error(`${caller} calls ${name}, which is not in service-calls.ts`);
        if (!parts.has(name)) return remote(name, caller);
        const local = modules[name];
        if (local === undefined) throw new Error(`${caller} calls ${name}, which is listed after it in contexts.ts`);
        return local.api;
      },
    });
  for (const context of CONTEXTS.filter(runs)) {
    if (parts.has(context.name)) modules[context.name] = context.create(kit, apisFor(context.name));
  }
  const calls = parts.has('gateway') ? callsOf('gateway') : [];
  const apis = Object.fromEntries(calls.map((name) => [name, apisFor('gateway')[name]]));
  return { apis: apis as unknown as Apis, modules: modules as Partial<Modules>, hosted: Object.values(modules) };
}
