import type { Logger } from 'pino';
import type { CouponModule } from '../../contexts/coupon/module.ts';
import type { NotificationModule } from '../../contexts/notification/module.ts';
import type { ContextModule } from '../../platform/context.ts';
import type { ServiceContract } from '../../platform/grpc/contract.ts';
import type { IsPrincipal } from '../../platform/grpc/principal-tokens.ts';
import { type Caller, type Denial, type GrpcServer, type ServedContext, serveGrpc } from '../../platform/grpc/serve.ts';
import type { ServiceTokens } from '../../platform/grpc/service-tokens.ts';
import { CONTEXTS, runs } from '../contexts.ts';
import type { ContextName } from '../parts.ts';
import { mayCall } from '../service-calls.ts';
import { FACT_SERVICE, servedFacts } from './coupon-facts.ts';
import type { GrpcCredentials } from './credentials.ts';
import { INBOX_CHANGE_SERVICE, servedInboxChanges } from './inbox-changes.ts';

/** What a process serves besides its contexts. */
export interface ProcessLevelService {
  readonly contract: ServiceContract;
  readonly api: object;
  /** By the name of the method in the contract. */
  mayCall(caller: string, method: string): boolean;
}

export interface ServiceServerOptions {
  /** The contexts that this process hosts. */
  readonly modules: Readonly<Partial<Record<ContextName, ContextModule<unknown>>>> & {
    readonly coupon?: ContextModule<unknown> & Pick<CouponModule, 'facts'>;
    readonly notification?: ContextModule<unknown> & Pick<NotificationModule, 'changes'>;
  };
  readonly others: readonly ProcessLevelService[];
  readonly tokens: ServiceTokens;
  readonly isPrincipal: IsPrincipal;
  readonly credentials: GrpcCredentials;
  readonly host: string;
  /** 0 chooses a free port. */
  readonly port: number;
  readonly log: Logger;
}

/** Serves the contexts of this process to the others. Rejects when it cannot listen. */
export async function serveContexts(options: ServiceServerOptions): Promise<GrpcServer> {
  const { modules, others, tokens, isPrincipal, credentials, host, port, log } = options;
  const services: ServedContext[] = [];
  const names = new Map<string, ContextName>();
  for (const context of CONTEXTS.filter(runs)) {
    const module = modules[context.name];
    if (module === undefined) continue;
    const contract = await context.contract();
    services.push({ contract, api: module.api as object });
    names.set(contract.fullName, context.name);
  }
  const { coupon, notification } = modules;
  // Who may watch what a context streams is decided as for its methods.
  if (coupon !== undefined) names.set(FACT_SERVICE, 'coupon');
  if (notification !== undefined) names.set(INBOX_CHANGE_SERVICE, 'notification');
  for (const { contract, api } of others) services.push({ contract, api });
  const hosted = [...new Set(names.values())];
  const othersByName = new Map(others.map((other) => [other.contract.fullName, other]));
  const denies = ({ token, names: certified }: Caller, path: string): Denial | undefined => {
    const [, service = '', method = ''] = path.split('/');
    const name = names.get(service);
    const other = othersByName.get(service);
    // A token is valid for one context. The other services of this process accept a token for any context that it hosts.
    const named = other === undefined ? [name] : hosted;
    const found = token && named.map((each) => each && tokens.callerOf(token, each)).find(Boolean);
    if (!found) return { code: 'UNAUTHENTICATED', reason: 'the call has no valid token of a service' };
    const { name: caller, isTimely } = found;
    if (!isTimely) return { code: 'UNAVAILABLE', reason: `the token of ${caller} is for another time` };
    if (certified !== undefined && !certified.includes(caller)) {
      return { code: 'UNAUTHENTICATED', reason: `the certificate of the connection is not that of ${caller}` };
    }
    const may = other === undefined ? name && mayCall(caller, name, method) : other.mayCall(caller, method);
    if (may) return undefined;
    return { code: 'PERMISSION_DENIED', reason: `${caller} may not call ${method} of ${service}` };
  };
  const streams = [
    ...(coupon === undefined ? [] : [servedFacts(coupon.facts)]),
    ...(notification === undefined ? [] : [servedInboxChanges(notification.changes)]),
  ];
  const { server, isMutual } = credentials;
  return serveGrpc({ services, streams, host, port, credentials: server, isMutual, denies, isPrincipal, log });
}
