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
import { parsed } from './parsed.ts';
import type { Access, Input, NestRoute } from './route.ts';

/** Where Nest keeps the route of a handler; the guard and the interceptor read it. */
export const ROUTE = 'stampede:route';

const METHODS = { GET: Get, POST: Post, PUT: Put, PATCH: Patch, DELETE: Delete } as const;

/** Makes a controller with one method for each route. */
export function nestController(routes: readonly NestRoute[]): Type {
  class Routes {}
  for (const route of routes) addMethod(Routes.prototype, route);
  Controller()(Routes);
  return Routes;
}

function addMethod(prototype: object, route: NestRoute): void {
  const name = route.id;
  if (Object.hasOwn(prototype, name)) throw new Error(`two routes are named ${name}`);
  Object.defineProperty(prototype, name, { value: handlerOf(route), configurable: true });
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

function handlerOf({ handle, params, query, body }: NestRoute) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> =>
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
