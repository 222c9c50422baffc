import { readFileSync } from 'node:fs';
import { StartError } from './kernel/start-error.ts';

/** @param variable of the environment, which named the file @throws StartError when it cannot be read */
export function readPem(variable: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { message } = error as Error;
    throw new StartError(`${variable} cannot be read: ${message}. Set it to a PEM file that this user may read.`, {
      cause: error,
    });
  }
}

/** Reads the files that are named, as the options of a TLS client. `prefix`: of their variables, such as KAFKA. @throws StartError */
export function readTlsFiles(
  prefix: string,
  {
    ca,
    cert,
    key,
  }: { readonly ca?: string | undefined; readonly cert?: string | undefined; readonly key?: string | undefined },
): { readonly ca?: Buffer; readonly cert?: Buffer; readonly key?: Buffer } {
  return {
    ...(ca === undefined ? {} : { ca: readPem(`${prefix}_CA`, ca) }),
    ...(cert === undefined ? {} : { cert: readPem(`${prefix}_CERT`, cert) }),
    ...(key === undefined ? {} : { key: readPem(`${prefix}_KEY`, key) }),
  };
}
