import { S3mini } from 's3mini';
import type { S3Settings } from '../../src/platform/files/s3-file-store.ts';
import { NoS3 } from '../../tools/s3/program.ts';
import { type S3Server, startS3 } from '../../tools/s3/start.ts';

let server: Promise<S3Server | undefined> | undefined;
let buckets = 0;

export interface TestBucket {
  readonly settings: S3Settings;
  addObject(key: string): Promise<void>;
  /** The content type that the server has stored. */
  typeOf(key: string): Promise<string | null>;
  empty(): Promise<void>;
}

/**
 * An S3 server for the tests of this process, started at the first call; it ends with the process. Undefined where there is nothing to run
 * it with: the tests on it are left out, and a line says so; with REQUIRE_S3=1 it throws.
 */
export async function testS3(): Promise<{ newBucket(): Promise<TestBucket> } | undefined> {
  server ??= start();
  const running = await server;
  return running && { newBucket: () => newBucket(running) };
}

async function start(): Promise<S3Server | undefined> {
  try {
    return await startS3();
  } catch (error) {
    if (!(error instanceof NoS3) || process.env['REQUIRE_S3'] === '1') throw error;
    process.stderr.write(`The tests on S3 are left out: ${error.message}.\n`);
    return undefined;
  }
}

async function newBucket({ endpoint, accessKeyId, secretAccessKey }: S3Server): Promise<TestBucket> {
  const bucket = `files-${process.pid}-${++buckets}`;
  const client = new S3mini({ endpoint: `${endpoint}/${bucket}`, accessKeyId, secretAccessKey, region: 'us-east-1' });
  if (!(await client.createBucket())) throw new Error('no bucket');
  return {
    settings: { bucket, region: 'us-east-1', endpoint, pathStyle: true, accessKeyId, secretAccessKey },
    addObject: async (key) => void (await client.putObject(key, 'x')),
    typeOf: async (key) => (await client.getObjectResponse(key))?.headers.get('content-type') ?? null,
    async empty() {
      const keys = ((await client.listObjects()) ?? []).map(({ Key }) => Key);
      if (keys.length > 0) await client.deleteObjects(keys);
    },
  };
}
