import { FastifyAdapter } from '@nestjs/platform-fastify';

/** Nest on our Fastify, whose own handlers of errors and unknown routes stay: they answer for the routes beside Nest too. */
export class EdgeAdapter extends FastifyAdapter {
  override setErrorHandler(): ReturnType<FastifyAdapter['setErrorHandler']> {
    return this.instance;
  }

  override setNotFoundHandler(): ReturnType<FastifyAdapter['setNotFoundHandler']> {
    return this.instance;
  }
}
