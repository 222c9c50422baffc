import type { FastifyInstance } from 'fastify';
import { ProblemError } from '../problems/problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Accepts form bodies as well; every other route responds with 415. */
    form?: boolean;
  }
}

const FORM_BYTES_MAX = 10_000;
const FORM_TYPE = /^application\/x-www-form-urlencoded *(?:; *charset="?utf-8"?)?$/i;

/** Parses the fields of a form to an object of strings, like a JSON body. */
export function acceptForms(fastify: FastifyInstance): void {
  fastify.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_BYTES_MAX },
    (request, body, done) => {
      const taken = request.routeOptions.config.form && FORM_TYPE.test(request.headers['content-type'] ?? '');
      if (!taken) return done(new ProblemError('UNSUPPORTED_MEDIA_TYPE'));
      const fields = [...new URLSearchParams(body as string)];
      const [repeated] = fields.find(([name], place) => fields.findIndex(([other]) => other === name) < place) ?? [];
      if (repeated === undefined) return done(null, Object.fromEntries(fields));
      const errors = [{ field: repeated.slice(0, 100), code: 'REPEATED', message: 'is given more than once' }];
      done(new ProblemError('VALIDATION_FAILED', { errors }));
    },
  );
}
