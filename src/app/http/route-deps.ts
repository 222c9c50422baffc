import { openDownloads } from '../../gateway/downloads.ts';
import { openingLimit } from '../../gateway/limits/opening-limit.ts';
import { openingRetries } from '../../gateway/limits/opening-retries.ts';
import type { RouteDeps } from '../../gateway/routes/routes.ts';
import { IMAGE_PLACES, imageReader, UNSHARED_IMAGE_PLACES } from '../../gateway/uploads/image-upload.ts';
import { uploadPlaces } from '../../gateway/uploads/upload-places.ts';
import type { MetricsSource } from '../../platform/telemetry/metrics-source.ts';
import type { Composed } from '../compose.ts';
import type { Config } from '../config.ts';
import { sandboxOfAll } from '../sandbox.ts';
import type { openCallers } from './callers.ts';
import type { limitsOf } from './limits.ts';
import type { streamsOf } from './streams.ts';

/** What was opened for the routes. */
interface RouteParts {
  /** What /metrics serves. */
  readonly exposed: MetricsSource;
  readonly stored: Awaited<ReturnType<typeof limitsOf>>;
  readonly callers: Awaited<ReturnType<typeof openCallers>>;
  readonly keys: Pick<RouteDeps, 'earlierKeys' | 'keysInFlight'>;
  readonly streams: ReturnType<typeof streamsOf>;
}

type Readiness = 'isDraining' | 'readinessChecks' | 'informationalChecks';

/** What the routes need, but for the state of readiness. */
export function routeDeps(config: Config, composed: Composed, parts: RouteParts): Omit<RouteDeps, Readiness> {
  const { apis, modules } = composed.contexts;
  const { clock, log } = composed;
  const { exposed, stored, callers, keys, streams } = parts;
  const { revoked, privileged, blocked, otherIssuers, mayStill } = callers;
  const filesUrl = config.filesUrl ?? `${config.publicUrl ?? ''}/files`;
  return {
    ...apis,
    ...stored,
    ...keys,
    isClosed: composed.isCouponClosed,
    isSoldOut: modules.order?.isSoldOut ?? (() => false),
    sandboxPayments: composed.sandboxPayments,
    currency: config.shop.currency,
    openingRetries: config.rateLimit ? openingRetries(clock, stored.limits.general) : undefined,
    openingLimit: config.rateLimit ? openingLimit(clock) : undefined,
    ...{ revoked, privileged, blocked, otherIssuers, externalUsers: otherIssuers?.users, mayStill },
    openStreams: streams.openStreams,
    streams: streams.stock,
    noticeStreams: streams.notices,
    jobStreams: streams.jobs,
    streamPlaces: streams.places,
    downloads: openDownloads(),
    files: composed.files,
    fileUrl: (name) => `${filesUrl}/${name}`,
    readImage: imageReader(
      uploadPlaces(config.rateLimit ? IMAGE_PLACES : UNSHARED_IMAGE_PLACES, () => performance.now()),
    ),
    sandbox: sandboxOf(composed),
    webhookKeys: config.webhookKeys,
    mailWebhookKeys: config.mailWebhookKeys,
    webhookClocks: [clock, composed.wallClock],
    onIgnoredPayment: (facts) => log.warn(facts, 'a payment was reported that is of no order here'),
    metrics: config.metricsPort === undefined ? exposed : undefined,
  };
}

function sandboxOf({ adjustableClock: clock, scheduler, ownProcess: own, otherProcesses: others, log }: Composed) {
  return clock && sandboxOfAll({ clock, scheduler, own, others, log });
}
