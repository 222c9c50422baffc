import { FastifyAdapter } from '@nestjs/platform-fastify';

/** Nest on our Fastify, whose own handlers of errors and unknown routes stay: they answer for the routes beside Nest too. */
export class EdgeAdapter extends FastifyAdapter {
  /** No middleware here, so no hook on every request that looks for some. */
  override init(): Promise<void> {
    return Promise.resolve();
  }

  override setErrorHandler(): ReturnType<FastifyAdapter['setErrorHandler']> {
    return this.instance;
  }

  override setNotFoundHandler(): ReturnType<FastifyAdapter['setNotFoundHandler']> {
    return this.instance;
  }
}
