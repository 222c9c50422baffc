import { z } from 'zod';
import { FILE_TYPE, isFileName } from '../../../platform/files/file-name.ts';
import type { FileStore } from '../../../platform/files/file-store.ts';
import { ProblemError } from '../../problems/problem.ts';
import { type Route, route } from '../../server/route.ts';

const OneFile = z.strictObject({ name: z.string().meta({ description: 'As in the URL of an image' }) });
/** The content of a name never changes. */
const CACHE = 'public, max-age=31536000, immutable';
/** Opened as a page, an image can do nothing. */
const CSP = "default-src 'none'; sandbox";

export const filesRoutes = ({ files }: { readonly files: Pick<FileStore, 'get'> }): readonly Route[] => [
  route({
    id: 'getFile',
    tag: 'files',
    method: 'GET',
    paths: ['/files/:name'],
    summary: 'Read an uploaded image',
    description:
      'Public, for pages of any origin. The content of a name never changes, so caches may keep it for a year, also after the image was deleted.',
    access: 'ANYBODY',
    plain: true,
    head: true,
    unlimited: true,
    status: 200,
    response: { schema: z.string(), example: '(bytes of the image)', type: FILE_TYPE },
    params: OneFile,
    refusals: ['NOT_FOUND'],
    async handle(request, reply) {
      const { name } = request.params as z.output<typeof OneFile>;
      const content = isFileName(name) ? await files.get(name) : undefined;
      if (content === undefined) throw new ProblemError('NOT_FOUND');
      // The content of a name never changes.
      const etag = `"${name}"`;
      reply.headers({ 'cache-control': CACHE, etag });
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      return reply
        .headers({
          'content-security-policy': CSP,
          'cross-origin-resource-policy': 'cross-origin',
        })
        .type(FILE_TYPE)
        .send(Buffer.from(content.buffer, content.byteOffset, content.byteLength));
    },
  }),
];
