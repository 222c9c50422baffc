import {
  applyDecorators,
  Controller,
  Delete,
  Get,
  HttpCode,
  Patch,
  Post,
  Put,
  Req,
  Res,
  SetMetadata,
  type Type,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { ExternalUsers } from '../auth/external-users.ts';
import { seesExternalIds, withExternalIds } from '../auth/shown-users.ts';
import { parsed } from './parsed.ts';
import type { PublicReads } from './public-reads.ts';
import type { Access, Input, NestRoute } from './route.ts';

/** Where Nest keeps the route of a handler; the guard and the interceptor read it. */
export const ROUTE = 'stampede:route';

const METHODS = { GET: Get, POST: Post, PUT: Put, PATCH: Patch, DELETE: Delete } as const;

/** What every handler may need. */
export interface NestParts {
  /** Undefined: every body is read for its request. */
  readonly publicReads: PublicReads | undefined;
  /** Undefined: there is no other issuer. */
  readonly externalUsers: ExternalUsers | undefined;
}

/** Makes a controller with one method for each route. */
export function nestController(routes: readonly NestRoute[], parts: NestParts): Type {
  class Routes {}
  for (const route of routes) addMethod(Routes.prototype, route, parts);
  Controller()(Routes);
  return Routes;
}

function addMethod(prototype: object, route: NestRoute, { publicReads: reads, externalUsers }: NestParts): void {
  const name = route.id;
  if (Object.hasOwn(prototype, name)) throw new Error(`two routes are named ${name}`);
  const plain = handlerOf(route);
  const handle = externalUsers === undefined || route.sendsResponse ? plain : naming(plain, externalUsers);
  const value = reads && route.sharedBy ? sharing(handle, route, reads) : handle;
  Object.defineProperty(prototype, name, { value, configurable: true });
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
  const { form = false, bypassesShedding = false, inFlightMax } = route;
  applyDecorators(
    METHODS[route.method]([...route.paths]),
    SetMetadata(ROUTE, route),
    HttpCode(route.status),
    RouteConfig({ upload: fileOf(route), form, bypassesShedding, inFlightMax, noStore: isPersonal(route) }),
  )(prototype, name, descriptor);
  Req()(prototype, name, 0);
  Res({ passthrough: !route.sendsResponse })(prototype, name, 1);
}

function fileOf({ upload, image }: NestRoute): 'csv' | 'image' | undefined {
  if (image) return 'image';
  return upload === undefined ? undefined : 'csv';
}

/** Public data may be kept by caches; what needs a credential is of its caller. */
const isPersonal = ({ access, noStore = false }: NestRoute): boolean => noStore || access !== 'ANYBODY';

type Handle = (input: Input<Access, z.ZodType, z.ZodType, z.ZodType, true | undefined>) => unknown;

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** A URL that was valid once is valid again, so that one with a cached body is not parsed. */
function sharing(handle: Handler, { id, sharedBy }: NestRoute, reads: PublicReads): Handler {
  return async (request, reply) => {
    const { principal, url } = request;
    if (principal !== undefined && !(sharedBy === 'CUSTOMERS' && principal.role === 'CUSTOMER'))
      return await handle(request, reply);
    const { text, ageMs } = await reads.get(`${id} ${url}`, () => handle(request, reply));
    reply.type('application/json; charset=utf-8');
    if (principal === undefined) {
      // Caches between here and the caller have what is left of the age.
      reply.header('cache-control', `public, max-age=${reads.maxAgeSeconds}`).header('age', Math.ceil(ageMs / 1_000));
      // Others may be shown more. Appended, because CORS may have named a header.
      reply.raw.appendHeader('vary', 'authorization, x-api-key');
    }
    return text;
  };
}

/** Shows how other issuers name users, to those who may see it. */
const naming =
  (handle: Handler, users: ExternalUsers): Handler =>
  async (request, reply) => {
    const body = await handle(request, reply);
    return seesExternalIds(request.principal) && isJson(body) ? await withExternalIds(users, body) : body;
  };

/** A stream is an object, too. */
const isJson = (body: unknown): boolean =>
  typeof body === 'object' &&
  body !== null &&
  [Object.prototype, Array.prototype].includes(Object.getPrototypeOf(body));

function handlerOf({ handle, params, query, body }: NestRoute): Handler {
  return async (request, reply) =>
    await (handle as Handle)({
      principal: request.principal,
      // Of several that are wrong the first of these is reported.
      body: body && parsed(body, request.body),
      query: query && parsed(query, request.query),
      params: params && parsed(params, request.params),
      call: request.keyedCall,
      request,
      reply,
    });
}
