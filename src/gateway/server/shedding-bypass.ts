import type { FastifyInstance, preHandlerHookHandler } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Is a request admitted although the node is overloaded? True: always, because it ends something or another system waits for
     * it. A function gets the first parameter of the path and returns whether a refusal from memory is certain.
     */
    bypassesShedding?: boolean | ((parameter: string) => boolean);
  }
}

/** Is a request admitted although the node is overloaded? Takes the path by which the request is routed. */
export type BypassesShedding = (method: string, path: string) => boolean;

interface Bypass {
  readonly template: RegExp;
  readonly holds: (parameter: string) => boolean;
}

/** Collects the routes that bypass shedding. Call before the first route is registered. */
export function sheddingBypasses(fastify: FastifyInstance): BypassesShedding {
  const always = new Map<string, string[]>();
  const sometimes = new Map<string, Bypass[]>();
  const compiled = new Map<string, RegExp>();
  fastify.addHook('onRoute', (route) => {
    const { method, url, config } = route;
    const bypass = config?.bypassesShedding;
    if (bypass === true) route.preHandler = [excludeFromRate, ...[route.preHandler ?? []].flat()];
    for (const name of bypass ? [method].flat() : []) {
      if (bypass === true) listOf(always, name).push(patternOf(url));
      else if (bypass) listOf(sometimes, name).push({ template: whole(patternOf(url)), holds: bypass });
      compiled.delete(name);
    }
  });

  function alwaysOf(method: string): RegExp {
    let expression = compiled.get(method);
    if (expression === undefined) {
      const patterns = always.get(method) ?? [];
      // Without a pattern it matches nothing.
      expression = patterns.length === 0 ? /(?!)/ : whole(patterns.join('|'));
      compiled.set(method, expression);
    }
    return expression;
  }

  return (method, path) => {
    for (const { template, holds } of sometimes.get(method) ?? []) {
      const found = template.exec(path);
      if (found) return holds(found[1] ?? '');
    }
    return alwaysOf(method).test(path);
  };
}

const excludeFromRate: preHandlerHookHandler = (_, reply, done) => {
  reply.raw.handledRequest?.excludeFromRate();
  done();
};

/** A template as an expression that captures its parameters. */
const patternOf = (template: string): string =>
  template.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '([^/]+)');
const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);

function listOf<Value>(map: Map<string, Value[]>, name: string): Value[] {
  const list = map.get(name) ?? [];
  map.set(name, list);
  return list;
}
