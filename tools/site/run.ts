/**
 * npm run docs:build: builds the site of the documents into dist-site. Argument: another directory. The packages of the site are installed first, where
 * they are missing. Exit code 1: a page cannot be built, or a link leads nowhere.
 */
import { buildSite } from './build-site.ts';
import { ROOT } from './pages.ts';

const [directory = `${ROOT}/dist-site`] = process.argv.slice(2);
const { code, output } = buildSite(directory);
process.stdout.write(code === 0 ? `The site is in ${directory}.\n` : output);
process.exitCode = code;
