import { restore } from '../../src/app/backup/restore.ts';

/** Restores a file into a database. */
const [file = '', url = ''] = process.argv.slice(2);
await restore({ file, url });
