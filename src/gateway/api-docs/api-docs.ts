import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { acceptsGzip } from '../../platform/http/accepts-gzip.ts';
import type { OpenApiDocument } from '../openapi/openapi.ts';
import { DOCS_PATH } from '../server/fastify.ts';
import { parsed } from '../server/parsed.ts';

const DOCUMENT_PATH = '/api/openapi.json';
/** A file's name has its version, so that its content never changes. */
const FILE_CACHE = { maxAge: '365d', immutable: true } as const;

/** The document with and without the deprecated aliases. */
export interface ServedDocuments {
  readonly complete: OpenApiDocument;
  readonly withoutAliases: OpenApiDocument;
}

/**
 * Serves the document, and the page that shows it: Scalar, which the build has put beside the program. Its 5 MB are streamed from the disk, compressed
 * where the client takes that.
 * @throws Error when the program was not built
 */
export async function serveApiDocs(fastify: FastifyInstance, documents: ServedDocuments): Promise<void> {
  const [complete, withoutAliases] = [encoded(documents.complete), encoded(documents.withoutAliases)];
  fastify.get(DOCUMENT_PATH, (request, reply) => {
    const { aliases } = parsed(DocumentQuery, request.query);
    return send(aliases === 'true' ? complete : withoutAliases, request, reply);
  });

  const files = readdirSync(FILES).filter((name) => name.endsWith('.js'));
  await fastify.register(fastifyStatic, { root: FILES, serve: false, preCompressed: true });
  for (const name of files) {
    fastify.get(`${DOCS_PATH}/${name}`, (_request, reply) => reply.sendFile(name, FILES, FILE_CACHE));
  }
  const page = pageOf(files);
  fastify.get(DOCS_PATH, (_request, reply) => reply.type('text/html; charset=utf-8').send(page));
}

const here = dirname(fileURLToPath(import.meta.url));
/** Where tools/build.js puts the files of the page: beside the bundle, which is one folder below the project, as the sources are three. */
const FILES = here.endsWith(join('gateway', 'api-docs'))
  ? join(here, '../../../dist/api-docs')
  : join(here, 'api-docs');

const DocumentQuery = z.strictObject({ aliases: z.enum(['true', 'false']).default('true') });

interface Encoded {
  readonly text: Buffer;
  readonly gzip: Buffer;
}

function encoded(document: OpenApiDocument): Encoded {
  const text = Buffer.from(JSON.stringify(document));
  return { text, gzip: gzipSync(text) };
}

function send({ text, gzip }: Encoded, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  reply.type('application/json; charset=utf-8').header('vary', 'accept-encoding');
  return acceptsGzip(request.headers['accept-encoding'])
    ? reply.header('content-encoding', 'gzip').send(gzip)
    : reply.send(text);
}

/** Scalar first, then the start of the page. */
function pageOf(files: readonly string[]): string {
  const scripts = ['scalar-', 'page-'].map((start) => {
    const name = files.find((file) => file.startsWith(start));
    if (name === undefined) throw new Error(`${FILES} has no file of the API's page. Run npm run build in a clone`);
    return `<script src="${DOCS_PATH}/${name}" defer></script>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Stampede API</title>
<link rel="icon" href="data:,">
${scripts.join('\n')}
</head>
<body><div id="api"></div></body>
</html>
`;
}
