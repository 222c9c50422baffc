import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsFiles } from '../../src/app/variables/service-variables.ts';

/** An authority of a test's own, which makes certificates with the program openssl. */
export interface Authority {
  /** A certificate of this authority with these names. */
  certify(...names: readonly string[]): TlsFiles;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** `directory` exists, and `name` is not used in it yet. */
export function authorityIn(directory: string, name: string): Authority {
  const path = (file: string): string => join(directory, `${name}-${file}`);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { stdio: 'pipe' });
  };
  const [ca, caKey] = [path('ca.pem'), path('ca.key')];
  openssl('req', '-x509', ...KEY, '-keyout', caKey, '-out', ca, '-days', '1', '-subj', `/CN=${name}`);
  return {
    certify(...names) {
      const [first = ''] = names;
      const [cert, key, request, extension] = ['pem', 'key', 'csr', 'ext'].map((end) => path(`${first}.${end}`)) as [
        string,
        string,
        string,
        string,
      ];
      writeFileSync(extension, `subjectAltName=${names.map((each) => `DNS:${each}`).join(',')}\n`);
      openssl('req', ...KEY, '-keyout', key, '-out', request, '-subj', `/CN=${first}`);
      const signer = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial'];
      openssl('x509', '-req', '-in', request, ...signer, '-out', cert, '-days', '1', '-extfile', extension);
      return { cert, key, ca };
    },
  };
}
