// A node that only runs jobs of notices, for tests that kill or freeze it. Arguments: the database, the first id that it may give.
import { noticeJobsOver } from './notice-jobs.ts';

const [url = '', firstId = '1'] = process.argv.slice(2);
noticeJobsOver(url, BigInt(firstId));
