/** Samples of a series in the notation of promtool, a minute between them: `0x5` is six times 0, `0+60x5` rises by 60 each minute. */
type Series = Readonly<Record<string, string>>;

export interface AlertCase {
  readonly alert: string;
  /** Samples with which it fires at `at`. */
  readonly fires: Series;
  /** Samples with which it does not: the nearest state that is in order. */
  readonly quiet: Series;
  /** How long after the first sample. */
  readonly at: string;
}

const NODE = 'job="stampede", instance="a:4000"';
const OTHER = 'job="stampede", instance="b:4000"';
const THIRD = 'job="stampede", instance="c:4000"';
const leads = (node: string, ofDatabase: string): string => `stampede_relay_leader{${node}, database="${ofDatabase}"}`;
const succeeded = (node: string): string =>
  `stampede_job_last_success_timestamp_seconds{${node}, exported_job="coupon.expire"}`;
const responses = (status: number, route = '/api/v1/orders'): string =>
  `stampede_http_requests_total{${NODE}, method="GET", route="${route}", status="${status}"}`;
const seconds = (le: string, route = '/api/v1/orders'): string =>
  `stampede_http_request_seconds_bucket{${NODE}, method="GET", route="${route}", le="${le}"}`;
const takesLong = (route: string): Series => ({
  [seconds('1', route)]: '0x30',
  [seconds('2.5', route)]: '0x30',
  [seconds('+Inf', route)]: '0+100x30',
});
const waited = (le: string): string => `stampede_lane_wait_seconds_bucket{${NODE}, lane="issue", le="${le}"}`;
const gauge = (name: string, labels: string, fires: string, quiet: string): Pick<AlertCase, 'fires' | 'quiet'> => ({
  fires: { [`${name}{${labels}}`]: fires },
  quiet: { [`${name}{${labels}}`]: quiet },
});

/** For each alert a state in which it fires, and one in which it does not. */
export const ALERT_CASES: readonly AlertCase[] = [
  {
    alert: 'StampedeTargetsMissing',
    fires: { 'up{job="node", instance="a:9100"}': '1x30' },
    quiet: { [`up{${NODE}}`]: '0x30' },
    at: '10m',
  },
  {
    alert: 'StampedeProcessDown',
    fires: { [`up{${NODE}}`]: '1x5 0x30', [`up{${OTHER}}`]: '1x40' },
    // A restart takes a minute.
    quiet: { [`up{${NODE}}`]: '1x5 0 1x30', [`up{${OTHER}}`]: '1x40' },
    at: '10m',
  },
  {
    alert: 'StampedeProcessDown',
    // A second system, in a job of its own.
    fires: { 'up{job="stampede-eu", instance="a:4000"}': '0x30' },
    quiet: { 'up{job="node", instance="a:9100"}': '0x30' },
    at: '10m',
  },
  { alert: 'StampedeNotReady', ...gauge('stampede_ready', NODE, '0x20', '0 1x20'), at: '10m' },
  {
    alert: 'StampedePostgresDown',
    ...gauge('stampede_dependency_up', `${NODE}, dependency="postgres"`, '0x20', '1x20'),
    at: '10m',
  },
  {
    alert: 'StampedeDependencyDown',
    fires: { [`stampede_dependency_up{${NODE}, dependency="kafka"}`]: '0x20' },
    quiet: {
      [`stampede_dependency_up{${NODE}, dependency="kafka"}`]: '1x20',
      // These have alerts of their own.
      [`stampede_dependency_up{${NODE}, dependency="postgres"}`]: '0x20',
      [`stampede_dependency_up{${NODE}, dependency="clock"}`]: '0x20',
    },
    at: '15m',
  },
  {
    alert: 'StampedeMixedVersions',
    fires: {
      [`stampede_build_info{${NODE}, version="0.2.0"}`]: '1x100',
      [`stampede_build_info{${OTHER}, version="0.3.0"}`]: '1x100',
    },
    quiet: {
      [`stampede_build_info{${NODE}, version="0.3.0"}`]: '1x100',
      [`stampede_build_info{${OTHER}, version="0.3.0"}`]: '1x100',
    },
    at: '90m',
  },
  {
    alert: 'StampedeProcessRestarting',
    ...gauge('stampede_process_start_time_seconds', NODE, '1 2 3 4x30', '1 2x30'),
    at: '20m',
  },
  { alert: 'StampedeWorkersExiting', ...gauge('stampede_worker_exits_total', NODE, '0+1x30', '0x10 1x20'), at: '30m' },

  {
    alert: 'StampedeServerErrors',
    fires: { [responses(200)]: '0+5820x20', [responses(500)]: '0+180x20' },
    // 503 says that nothing was done: it has an alert of its own.
    quiet: { [responses(200)]: '0+5820x20', [responses(500)]: '0+6x20', [responses(503)]: '0+180x20' },
    at: '15m',
  },
  {
    alert: 'StampedeServerErrors',
    // A shop that few visit and that fails, and one error of two requests.
    fires: { [responses(500)]: '0+5x20' },
    quiet: { [responses(200)]: '0+1x20', [responses(500)]: '0+1x20' },
    at: '15m',
  },
  {
    alert: 'StampedeUnavailable',
    fires: { [responses(200)]: '0+600x20', [responses(503)]: '0+60x20' },
    quiet: { [responses(200)]: '0+600x20', [responses(503)]: '0+6x20' },
    at: '15m',
  },
  {
    alert: 'StampedeUnavailable',
    fires: { [responses(503)]: '0+5x20' },
    quiet: { [responses(200)]: '0+1x20', [responses(503)]: '0+1x20' },
    at: '15m',
  },
  {
    alert: 'StampedeSlow',
    // The fewest of which the slowest does not decide, and fewer.
    fires: { [seconds('1')]: '0+18x30', [seconds('2.5')]: '0+21x30', [seconds('+Inf')]: '0+21x30' },
    quiet: { [seconds('1')]: '0+1x30', [seconds('2.5')]: '0+2x30', [seconds('+Inf')]: '0+2x30' },
    at: '25m',
  },
  {
    alert: 'StampedeSlow',
    fires: { [seconds('1')]: '0+90x30', [seconds('2.5')]: '0+100x30', [seconds('+Inf')]: '0+100x30' },
    // Streams are open for as long as their readers want, and an upload takes as long as its client sends.
    quiet: {
      [seconds('1')]: '0+100x30',
      [seconds('2.5')]: '0+100x30',
      [seconds('+Inf')]: '0+100x30',
      ...takesLong('/api/v1/notifications/stream'),
      ...takesLong('/api/v1/jobs/:id/events'),
      ...takesLong('/api/v1/coupon-policies/:id/direct-issue.csv'),
    },
    at: '25m',
  },
  {
    alert: 'StampedeShedding',
    ...gauge('stampede_http_shed_total', `${NODE}, reason="limit"`, '0+600x20', '0+6x20'),
    at: '15m',
  },

  {
    alert: 'StampedeBatcherFull',
    ...gauge('stampede_lane_refused_total', `${NODE}, lane="issue"`, '0+5x20', '7x20'),
    at: '15m',
  },
  {
    alert: 'StampedeBatcherSlow',
    fires: { [waited('1')]: '0+90x20', [waited('2.5')]: '0+100x20', [waited('+Inf')]: '0+100x20' },
    quiet: { [waited('1')]: '0+100x20', [waited('2.5')]: '0+100x20', [waited('+Inf')]: '0+100x20' },
    at: '15m',
  },
  {
    alert: 'StampedeBatcherSlow',
    fires: { [waited('1')]: '0x20', [waited('2.5')]: '0+3x20', [waited('+Inf')]: '0+3x20' },
    quiet: { [waited('1')]: '0x20', [waited('2.5')]: '0+1x20', [waited('+Inf')]: '0+1x20' },
    at: '15m',
  },
  {
    alert: 'StampedeOutcomeUnknown',
    fires: { [`stampede_lane_failures_total{${NODE}, lane="issue", failure="unknown"}`]: '0x10 1x10' },
    quiet: { [`stampede_lane_failures_total{${NODE}, lane="issue", failure="transient"}`]: '0x10 1x10' },
    at: '15m',
  },

  {
    alert: 'StampedeAuditBroken',
    ...gauge('stampede_audit_broken', 'job="node", context="coupon", audit="counts agree"', '0x5 1x10', '0x15'),
    at: '10m',
  },
  {
    alert: 'StampedeAuditOld',
    // A test begins at 0 of Unix time.
    ...gauge('stampede_audit_timestamp_seconds', 'job="node"', '-95000x80', '-80000x80'),
    at: '65m',
  },
  {
    alert: 'StampedeAuditOld',
    // The file is read no more, or there was no audit yet.
    fires: { 'up{job="node", instance="a:9100"}': '1x80' },
    quiet: { 'stampede_audit_timestamp_seconds{job="node"}': '-80000x80' },
    at: '65m',
  },
  { alert: 'StampedeEventsInvalid', ...gauge('stampede_events_invalid_total', NODE, '0x10 1x50', '1x60'), at: '30m' },
  {
    alert: 'StampedeEventSignaturesRejected',
    // The series appears with its first message.
    ...gauge(
      'stampede_event_signatures_rejected_total',
      `${NODE}, topic="payment.confirmed", reason="missing"`,
      '_x20 1x10',
      '1x30',
    ),
    at: '25m',
  },

  { alert: 'StampedeOutboxOld', ...gauge('stampede_outbox_age_seconds', NODE, '90x20', '2x20'), at: '15m' },
  { alert: 'StampedeOutboxStuck', ...gauge('stampede_outbox_age_seconds', NODE, '960x20', '840x20'), at: '15m' },
  {
    alert: 'StampedeRelayMissing',
    // The leader of another database does not hide that this one has none.
    fires: { [leads(NODE, 'a1')]: '0x20', [leads(OTHER, 'a1')]: '0x20', [leads(THIRD, 'b2')]: '1x20' },
    quiet: { [leads(NODE, 'a1')]: '0x20', [leads(OTHER, 'a1')]: '1x20', [leads(THIRD, 'b2')]: '1x20' },
    at: '15m',
  },
  {
    alert: 'StampedeConsumerFailing',
    ...gauge('stampede_event_handler_failures_total', `${NODE}, group="notification"`, '0+1x30', '0 5x30'),
    at: '25m',
  },
  {
    alert: 'StampedeDeadLetters',
    ...gauge('stampede_dead_letters_total', `${NODE}, group="notification"`, '0x10 1x10', '1x20'),
    at: '15m',
  },
  {
    alert: 'StampedeConsumerLag',
    fires: {
      [`stampede_consumer_lag_events{${NODE}, group="statistics", topic="coupon.issued"}`]: '6000x30',
      [`stampede_consumer_lag_events{${OTHER}, group="statistics", topic="coupon.issued"}`]: '6000x30',
    },
    quiet: { [`stampede_consumer_lag_events{${NODE}, group="statistics", topic="coupon.issued"}`]: '6000x30' },
    at: '20m',
  },

  {
    alert: 'StampedeTaskFailing',
    ...gauge(
      'stampede_job_runs_total',
      `${NODE}, exported_job="coupon.expire", outcome="failed"`,
      '0+1x20',
      '0x10 1x10',
    ),
    at: '15m',
  },
  {
    alert: 'StampedeTaskOverdue',
    // That it runs with the database of another shard does not hide it.
    fires: {
      ...{ [leads(NODE, 'a1')]: '1x60', [leads(OTHER, 'b2')]: '1x60' },
      [`stampede_job_period_seconds{${NODE}, exported_job="coupon.expire"}`]: '60x60',
      [`stampede_job_period_seconds{${OTHER}, exported_job="coupon.expire"}`]: '60x60',
      [succeeded(NODE)]: '60x60',
      [succeeded(OTHER)]: '0+60x60',
    },
    // Another node runs it.
    quiet: {
      ...{ [leads(NODE, 'a1')]: '1x60', [leads(OTHER, 'a1')]: '0x60' },
      [`stampede_job_period_seconds{${NODE}, exported_job="coupon.expire"}`]: '60x60',
      [`stampede_job_period_seconds{${OTHER}, exported_job="coupon.expire"}`]: '60x60',
      [succeeded(NODE)]: '60x60',
      [succeeded(OTHER)]: '0+60x60',
    },
    at: '30m',
  },

  { alert: 'StampedeClockUntrusted', ...gauge('stampede_clock_trusted', NODE, '0x20', '1x20'), at: '15m' },
  { alert: 'StampedeClockOff', ...gauge('stampede_clock_offset_seconds', NODE, '-1.5x20', '-0.5x20'), at: '15m' },
  {
    alert: 'StampedePoolWaiting',
    // For a moment callers wait in any opening.
    ...gauge('stampede_postgres_pool', `${NODE}, pool="main", state="waiting"`, '3x20', '0 3x3 0 3x3 0 3x3 0 3x3 0'),
    at: '15m',
  },

  {
    alert: 'StampedeCircuitOpen',
    ...gauge('stampede_grpc_client_circuit', `${NODE}, context="point"`, '2x20', '1x20'),
    at: '10m',
  },
  {
    alert: 'StampedeContextUnreachable',
    fires: { [`stampede_grpc_client_instances{${NODE}, context="point", state="ready"}`]: '0x20' },
    quiet: {
      [`stampede_grpc_client_instances{${NODE}, context="point", state="ready"}`]: '1x20',
      [`stampede_grpc_client_instances{${NODE}, context="point", state="known"}`]: '0x20',
    },
    at: '10m',
  },

  { alert: 'StampedeNoticesLate', ...gauge('stampede_notices_lag_seconds', NODE, '400x30', '200x30'), at: '20m' },
  {
    alert: 'StampedeDeliveriesLate',
    ...gauge('stampede_deliveries_late_seconds', `${NODE}, channel="mail"`, '1000x20', '600x20'),
    at: '15m',
  },
  {
    alert: 'StampedeDeliveriesFailing',
    fires: {
      [`stampede_deliveries_total{${NODE}, channel="mail", kind="ORDER_PAID", state="SENT"}`]: '0+80x90',
      [`stampede_deliveries_total{${NODE}, channel="mail", kind="ORDER_PAID", state="FAILED"}`]: '0+20x90',
    },
    quiet: {
      [`stampede_deliveries_total{${NODE}, channel="mail", kind="ORDER_PAID", state="SENT"}`]: '0+80x90',
      [`stampede_deliveries_total{${NODE}, channel="mail", kind="ORDER_PAID", state="FAILED"}`]: '0+2x90',
      [`stampede_deliveries_total{${NODE}, channel="mail", kind="ORDER_PAID", state="DROPPED"}`]: '0+80x90',
    },
    at: '80m',
  },
  {
    alert: 'StampedeDeliveriesFailing',
    fires: { [`stampede_deliveries_total{${NODE}, channel="mail", kind="ORDER_PAID", state="FAILED"}`]: '0+1x90' },
    // Two of five.
    quiet: {
      [`stampede_deliveries_total{${NODE}, channel="mail", kind="ORDER_PAID", state="SENT"}`]: '0x30 3x60',
      [`stampede_deliveries_total{${NODE}, channel="mail", kind="ORDER_PAID", state="FAILED"}`]: '0x30 2x60',
    },
    at: '80m',
  },
  {
    alert: 'StampedeMailsGivenUp',
    ...gauge('stampede_mails_total', `${NODE}, kind="VERIFY_EMAIL", outcome="given_up"`, '_x90 1x20', '1x110'),
    at: '100m',
  },

  {
    alert: 'StampedeWebhookDisabled',
    fires: { [`stampede_webhook_endpoints_disabled{${NODE}, reason="GONE"}`]: '1x20' },
    quiet: {
      [`stampede_webhook_endpoints_disabled{${NODE}, reason="GONE"}`]: '0x20',
      // An administrator did that, and knows it.
      [`stampede_webhook_endpoints_disabled{${NODE}, reason="ADMIN"}`]: '1x20',
    },
    at: '10m',
  },
  {
    alert: 'StampedeWebhookFailing',
    ...gauge('stampede_webhook_endpoints_failing', NODE, '2x60', '2x20 0 2x30'),
    at: '45m',
  },
  {
    alert: 'StampedeWebhookSecretsUnreadable',
    ...gauge('stampede_webhook_secrets_unreadable', NODE, '1x20', '0x20'),
    at: '15m',
  },

  {
    alert: 'StampedeEventLoopBlocked',
    ...gauge('stampede_nodejs_eventloop_lag_p99_seconds', NODE, '0.8x20', '0.1x20'),
    at: '15m',
  },
  {
    alert: 'StampedeFileLimit',
    fires: { [`stampede_process_open_fds{${NODE}}`]: '900x20', [`stampede_process_max_fds{${NODE}}`]: '1024x20' },
    quiet: { [`stampede_process_open_fds{${NODE}}`]: '900x20', [`stampede_process_max_fds{${NODE}}`]: '65536x20' },
    at: '15m',
  },
  {
    alert: 'StampedePasswordsWaiting',
    ...gauge('stampede_password_hashes_waiting', NODE, '200x20', '20x20'),
    at: '10m',
  },
];
