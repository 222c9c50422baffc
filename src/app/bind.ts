import type { ContextModule } from '../platform/context.ts';
import { CONTEXTS, type ContextName, type RunningContext, runs } from './contexts.ts';
import { TARGETS, type Target } from './targets.ts';

/** What the contexts are created with: what each of them gets, and the settings of all. */
export type Kit = RunningContext['create'] extends (kit: infer Kit, apis: never) => unknown ? Kit : never;
type Modules = { readonly [Context in RunningContext as Context['name']]: ReturnType<Context['create']> };
/** The API of each context by its name. */
export type Apis = { readonly [Name in ContextName]: Modules[Name]['api'] };

export interface Bound {
  readonly apis: Apis;
  /** The contexts that run in this process. */
  readonly modules: Modules;
  readonly hosted: readonly ContextModule<unknown>[];
}

/** The only file that knows whether a context is local. Today every target hosts all of them. */
export function bind(target: Target, kit: Kit): Bound {
  const modules: Partial<Record<ContextName, ContextModule<unknown>>> = {};
  const apis: Partial<Record<ContextName, unknown>> = {};
  for (const context of CONTEXTS.filter(runs)) {
    const { name } = context;
    if (!TARGETS[target].includes(name)) throw new Error(`the target ${target} does not host ${name}`);
    const module = context.create(kit, listedBefore(name, apis));
    modules[name] = module;
    apis[name] = module.api;
  }
  return { apis: apis as Apis, modules: modules as Modules, hosted: Object.values(modules) };
}

/** The APIs of the contexts that are created already. Reading another one fails at start, not at the first call. */
const listedBefore = (user: ContextName, apis: Partial<Record<ContextName, unknown>>): Apis =>
  new Proxy(apis, {
    get(created, name) {
      if (name in created) return created[name as ContextName];
      throw new Error(`${user} calls ${String(name)}, which is listed after it in contexts.ts`);
    },
  }) as Apis;
