// A node that only runs jobs, for tests that kill or freeze it. Arguments: the database, the first id that it may give.
import { jobRunnerOver } from './coupon-job-runner.ts';

const [url = '', firstId = '1'] = process.argv.slice(2);
jobRunnerOver(url, BigInt(firstId)).runner.start();
