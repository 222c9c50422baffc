import { FastifyAdapter } from '@nestjs/platform-fastify';

/**
 * Runs Nest on the existing Fastify instance, and keeps its handlers of errors and unknown routes: they also serve the routes without
 * Nest.
 */
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
