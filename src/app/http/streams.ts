import { noticeJson } from '../../gateway/routes/notification/notification.schemas.ts';
import { jobStreams } from '../../gateway/streams/job-streams.ts';
import { noticeStreams as createNoticeStreams } from '../../gateway/streams/notice-streams.ts';
import { openStreams as createOpenStreams } from '../../gateway/streams/open-streams.ts';
import { stockStreams } from '../../gateway/streams/stock-streams.ts';
import { streamPlaces, unlimitedStreamPlaces } from '../../gateway/streams/stream-places.ts';
import { outageLog } from '../../platform/telemetry/outage-log.ts';
import type { Composed } from '../compose.ts';
import type { Config } from '../config.ts';

/** The streams of events of this process, by kind, and how many a client may have. */
export function streamsOf({ rateLimit, limits }: Config, { contexts, inboxChanges, log }: Composed) {
  // Each open stream polls.
  const onError = outageLog({ log, level: 'error', message: 'a stream was not updated' }).failed;
  const openStreams = createOpenStreams();
  const stock = stockStreams(openStreams, onError);
  const jobs = jobStreams(onError);
  if (inboxChanges === undefined) throw new Error('the changes of inboxes are in no other process');
  const notices = createNoticeStreams({
    open: openStreams,
    notification: contexts.apis.notification,
    changes: inboxChanges,
    toJson: noticeJson,
    onError,
  });
  return {
    ...{ openStreams, stock, jobs, notices },
    places: rateLimit ? streamPlaces(limits.streams) : unlimitedStreamPlaces,
    stop() {
      openStreams.stop();
      notices.stop();
      stock.stop();
      jobs.stop();
    },
  };
}
