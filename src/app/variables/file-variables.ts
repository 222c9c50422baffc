import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { FileSettings } from '../../platform/files/open-files.ts';
import { onOrOff, webUrl } from './schemas.ts';
import type { ValuesOf, Variables } from './variable.ts';

/** Where data and uploaded images are kept. */
export const FILE_VARIABLES = {
  STAMPEDE_DATA_DIR: {
    schema: z.string().default('.stampede'),
    advice: 'Set a directory that this user may write.',
  },
  FILES_DIRECTORY: {
    schema: z.string().optional(),
    advice: 'Set a directory that this user may write, the same one on every node, or leave it out.',
  },
  FILES_PUBLIC_URL: {
    schema: webUrl().optional(),
    advice: 'Set for example FILES_PUBLIC_URL=https://images.example.com, or leave it out.',
  },
  FILES_S3_BUCKET: {
    schema: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'must be the name of a bucket')
      .optional(),
    advice: 'Set for example FILES_S3_BUCKET=shop-images, or leave it out to keep files in a directory.',
  },
  FILES_S3_REGION: {
    schema: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/, 'must be the name of a region')
      .default('us-east-1'),
    advice: 'Set for example FILES_S3_REGION=ap-northeast-2.',
  },
  FILES_S3_ENDPOINT: {
    schema: webUrl().optional(),
    advice: 'Set for example FILES_S3_ENDPOINT=https://s3.ap-northeast-2.amazonaws.com, or leave it out.',
  },
  FILES_S3_PATH_STYLE: {
    schema: onOrOff().default('off'),
    advice: 'Set FILES_S3_PATH_STYLE=on where buckets have no host names of their own.',
  },
  FILES_S3_ACCESS_KEY_ID: {
    schema: z.string().optional(),
    advice: 'Set the id of the key for the bucket.',
    isSecret: true,
  },
  FILES_S3_SECRET_ACCESS_KEY: {
    schema: z.string().optional(),
    advice: 'Set the secret of the key for the bucket.',
    isSecret: true,
  },
} satisfies Variables;

/** Files are in a bucket where one is named, else in a directory. */
export function filesOf(values: ValuesOf<typeof FILE_VARIABLES>): FileSettings {
  const region = values.FILES_S3_REGION;
  if (values.FILES_S3_BUCKET === undefined) {
    const directory = resolve(values.FILES_DIRECTORY ?? join(values.STAMPEDE_DATA_DIR, 'files'));
    return { kind: 'DIRECTORY', directory };
  }
  return {
    kind: 'S3',
    bucket: values.FILES_S3_BUCKET,
    region,
    endpoint: values.FILES_S3_ENDPOINT ?? `https://s3.${region}.amazonaws.com`,
    pathStyle: values.FILES_S3_PATH_STYLE === 'on',
    accessKeyId: values.FILES_S3_ACCESS_KEY_ID ?? '',
    secretAccessKey: values.FILES_S3_SECRET_ACCESS_KEY ?? '',
  };
}

/** Returns a line for each half of the key that a bucket lacks. `given`: the variables as they are set. */
export const fileProblems = (given: Readonly<Record<string, string | undefined>>): readonly string[] =>
  (['FILES_S3_ACCESS_KEY_ID', 'FILES_S3_SECRET_ACCESS_KEY'] as const)
    .filter((name) => given['FILES_S3_BUCKET'] !== undefined && given[name] === undefined)
    .map((name) => `${name} is required with FILES_S3_BUCKET. ${FILE_VARIABLES[name].advice}`);
