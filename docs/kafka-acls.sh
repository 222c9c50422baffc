#!/bin/sh
# The access rules of Kafka for each service of Stampede, from the catalogue of events: stampede kafka acls
# "operator" is who runs `stampede dlq` and `stampede events`; "provider" reports payments from outside.
# Usage: kafka-acls.sh on the PATH, and BROKERS=host:port COMMAND_CONFIG=admin.properties sh stampede-acls.sh
set -eu
add() {
  kafka-acls.sh --bootstrap-server "$BROKERS" --command-config "$COMMAND_CONFIG" --add "$@"
}

add --allow-principal 'User:coupon' \
  --operation Create --operation Write --operation Describe --operation DescribeConfigs --resource-pattern-type literal \
  --topic 'coupon-policy.activated' \
  --topic 'coupon-policy.changed' \
  --topic 'coupon-policy.ended' \
  --topic 'coupon-policy.exhausted' \
  --topic 'coupon-policy.resumed' \
  --topic 'coupon-policy.suspended' \
  --topic 'coupon.cancelled' \
  --topic 'coupon.confirmation_failed' \
  --topic 'coupon.expired' \
  --topic 'coupon.issued' \
  --topic 'coupon.reserved' \
  --topic 'coupon.restored' \
  --topic 'coupon.used'

add --allow-principal 'User:coupon' \
  --operation Create --operation Describe --operation DescribeConfigs --resource-pattern-type literal \
  --topic 'coupon-policy.activated.DLQ' \
  --topic 'coupon-policy.changed.DLQ' \
  --topic 'coupon-policy.ended.DLQ' \
  --topic 'coupon-policy.exhausted.DLQ' \
  --topic 'coupon-policy.resumed.DLQ' \
  --topic 'coupon-policy.suspended.DLQ' \
  --topic 'coupon.cancelled.DLQ' \
  --topic 'coupon.confirmation_failed.DLQ' \
  --topic 'coupon.expired.DLQ' \
  --topic 'coupon.issued.DLQ' \
  --topic 'coupon.reserved.DLQ' \
  --topic 'coupon.restored.DLQ' \
  --topic 'coupon.used.DLQ'

add --allow-principal 'User:coupon' \
  --operation Write --operation Describe --resource-pattern-type literal \
  --topic 'audit.recorded'

add --allow-principal 'User:coupon' \
  --operation Read --operation Describe --resource-pattern-type literal \
  --topic 'coupon-policy.subscribed' \
  --topic 'coupon-policy.unsubscribed' \
  --topic 'notification.failed' \
  --topic 'notification.sent' \
  --topic 'order.cancelled' \
  --topic 'order.expired' \
  --topic 'order.paid' \
  --topic 'order.refunded' \
  --topic 'order.reserved' \
  --topic 'payment.completed.v1' \
  --topic 'payment.failed.v1' \
  --topic 'point.cancelled' \
  --topic 'point.earned' \
  --topic 'point.expired' \
  --topic 'point.expiring' \
  --topic 'point.used' \
  --topic 'store.closed' \
  --topic 'store.subscribed' \
  --topic 'store.unsubscribed' \
  --topic 'user.deleted' \
  --topic 'user.password_changed' \
  --topic 'user.signed_up'

add --allow-principal 'User:coupon' \
  --operation Write --operation Describe --resource-pattern-type literal \
  --topic 'coupon-policy.subscribed.DLQ' \
  --topic 'coupon-policy.unsubscribed.DLQ' \
  --topic 'notification.failed.DLQ' \
  --topic 'notification.sent.DLQ' \
  --topic 'order.cancelled.DLQ' \
  --topic 'order.expired.DLQ' \
  --topic 'order.paid.DLQ' \
  --topic 'order.refunded.DLQ' \
  --topic 'order.reserved.DLQ' \
  --topic 'payment.completed.v1.DLQ' \
  --topic 'payment.failed.v1.DLQ' \
  --topic 'point.cancelled.DLQ' \
  --topic 'point.earned.DLQ' \
  --topic 'point.expired.DLQ' \
  --topic 'point.expiring.DLQ' \
  --topic 'point.used.DLQ' \
  --topic 'store.closed.DLQ' \
  --topic 'store.subscribed.DLQ' \
  --topic 'store.unsubscribed.DLQ' \
  --topic 'user.deleted.DLQ' \
  --topic 'user.password_changed.DLQ' \
  --topic 'user.signed_up.DLQ'

add --allow-principal 'User:coupon' \
  --operation Read --resource-pattern-type prefixed \
  --group 'coupon.'

add --allow-principal 'User:identity' \
  --operation Create --operation Write --operation Describe --operation DescribeConfigs --resource-pattern-type literal \
  --topic 'audit.recorded' \
  --topic 'user.deleted' \
  --topic 'user.password_changed' \
  --topic 'user.signed_up'

add --allow-principal 'User:identity' \
  --operation Create --operation Describe --operation DescribeConfigs --resource-pattern-type literal \
  --topic 'audit.recorded.DLQ' \
  --topic 'user.deleted.DLQ' \
  --topic 'user.password_changed.DLQ' \
  --topic 'user.signed_up.DLQ'

add --allow-principal 'User:identity' \
  --operation Read --operation Describe --resource-pattern-type literal \
  --topic 'audit.recorded'

add --allow-principal 'User:identity' \
  --operation Write --operation Describe --resource-pattern-type literal \
  --topic 'audit.recorded.DLQ'

add --allow-principal 'User:identity' \
  --operation Read --resource-pattern-type prefixed \
  --group 'identity.'

add --allow-principal 'User:notification' \
  --operation Create --operation Write --operation Describe --operation DescribeConfigs --resource-pattern-type literal \
  --topic 'notification.failed' \
  --topic 'notification.sent'

add --allow-principal 'User:notification' \
  --operation Create --operation Describe --operation DescribeConfigs --resource-pattern-type literal \
  --topic 'notification.failed.DLQ' \
  --topic 'notification.sent.DLQ'

add --allow-principal 'User:notification' \
  --operation Write --operation Describe --resource-pattern-type literal \
  --topic 'audit.recorded'

add --allow-principal 'User:notification' \
  --operation Read --operation Describe --resource-pattern-type literal \
  --topic 'coupon-policy.activated' \
  --topic 'coupon-policy.changed' \
  --topic 'coupon-policy.resumed' \
  --topic 'coupon.cancelled' \
  --topic 'coupon.expired' \
  --topic 'coupon.issued' \
  --topic 'coupon.used' \
  --topic 'order.expired' \
  --topic 'order.paid' \
  --topic 'order.refunded' \
  --topic 'point.earned' \
  --topic 'point.expiring' \
  --topic 'store.coupon_opened' \
  --topic 'user.deleted' \
  --topic 'webhook.disabled'

add --allow-principal 'User:notification' \
  --operation Write --operation Describe --resource-pattern-type literal \
  --topic 'coupon-policy.activated.DLQ' \
  --topic 'coupon-policy.changed.DLQ' \
  --topic 'coupon-policy.resumed.DLQ' \
  --topic 'coupon.cancelled.DLQ' \
  --topic 'coupon.expired.DLQ' \
  --topic 'coupon.issued.DLQ' \
  --topic 'coupon.used.DLQ' \
  --topic 'order.expired.DLQ' \
  --topic 'order.paid.DLQ' \
  --topic 'order.refunded.DLQ' \
  --topic 'point.earned.DLQ' \
  --topic 'point.expiring.DLQ' \
  --topic 'store.coupon_opened.DLQ' \
  --topic 'user.deleted.DLQ' \
  --topic 'webhook.disabled.DLQ'

add --allow-principal 'User:notification' \
  --operation Read --resource-pattern-type prefixed \
  --group 'notification.'

add --allow-principal 'User:order' \
  --operation Create --operation Write --operation Describe --operation DescribeConfigs --resource-pattern-type literal \
  --topic 'order.cancelled' \
  --topic 'order.expired' \
  --topic 'order.paid' \
  --topic 'order.refunded' \
  --topic 'order.reserved' \
  --topic 'payment.completed.v1' \
  --topic 'payment.failed.v1' \
  --topic 'timesale.ended' \
  --topic 'timesale.sold_out' \
  --topic 'timesale.started'

add --allow-principal 'User:order' \
  --operation Create --operation Describe --operation DescribeConfigs --resource-pattern-type literal \
  --topic 'order.cancelled.DLQ' \
  --topic 'order.expired.DLQ' \
  --topic 'order.paid.DLQ' \
  --topic 'order.refunded.DLQ' \
  --topic 'order.reserved.DLQ' \
  --topic 'payment.completed.v1.DLQ' \
  --topic 'payment.failed.v1.DLQ' \
  --topic 'timesale.ended.DLQ' \
  --topic 'timesale.sold_out.DLQ' \
  --topic 'timesale.started.DLQ'

add --allow-principal 'User:order' \
  --operation Write --operation Describe --resource-pattern-type literal \
  --topic 'audit.recorded'

add --allow-principal 'User:order' \
  --operation Read --operation Describe --resource-pattern-type literal \
  --topic 'payment.completed.v1' \
  --topic 'payment.failed.v1' \
  --topic 'store.closed' \
  --topic 'store.opened'

add --allow-principal 'User:order' \
  --operation Write --operation Describe --resource-pattern-type literal \
  --topic 'payment.completed.v1.DLQ' \
  --topic 'payment.failed.v1.DLQ' \
  --topic 'store.closed.DLQ' \
  --topic 'store.opened.DLQ'

add --allow-principal 'User:order' \
  --operation Read --resource-pattern-type prefixed \
  --group 'order.'

add --allow-principal 'User:point' \
  --operation Create --operation Write --operation Describe --operation DescribeConfigs --resource-pattern-type literal \
  --topic 'point.cancelled' \
  --topic 'point.earned' \
  --topic 'point.expired' \
  --topic 'point.expiring' \
  --topic 'point.used'

add --allow-principal 'User:point' \
  --operation Create --operation Describe --operation DescribeConfigs --resource-pattern-type literal \
  --topic 'point.cancelled.DLQ' \
  --topic 'point.earned.DLQ' \
  --topic 'point.expired.DLQ' \
  --topic 'point.expiring.DLQ' \
  --topic 'point.used.DLQ'

add --allow-principal 'User:point' \
  --operation Write --operation Describe --resource-pattern-type literal \
  --topic 'audit.recorded'

add --allow-principal 'User:point' \
  --operation Read --operation Describe --resource-pattern-type literal \
  --topic 'order.paid' \
  --topic 'order.refunded'

add --allow-principal 'User:point' \
  --operation Write --operation Describe --resource-pattern-type literal \
  --topic 'order.paid.DLQ' \
  --topic 'order.refunded.DLQ'

add --allow-principal 'User:point' \
  --operation Read --resource-pattern-type prefixed \
  --group 'point.'

add --allow-principal 'User:statistics' \
  --operation Read --operation Describe --resource-pattern-type literal \
  --topic 'coupon.cancelled' \
  --topic 'coupon.expired' \
  --topic 'coupon.issued' \
  --topic 'coupon.reserved' \
  --topic 'coupon.restored' \
  --topic 'coupon.used'

add --allow-principal 'User:statistics' \
  --operation Write --operation Describe --resource-pattern-type literal \
  --topic 'coupon.cancelled.DLQ' \
  --topic 'coupon.expired.DLQ' \
  --topic 'coupon.issued.DLQ' \
  --topic 'coupon.reserved.DLQ' \
  --topic 'coupon.restored.DLQ' \
  --topic 'coupon.used.DLQ'

add --allow-principal 'User:statistics' \
  --operation Read --resource-pattern-type prefixed \
  --group 'statistics.'

add --allow-principal 'User:store' \
  --operation Create --operation Write --operation Describe --operation DescribeConfigs --resource-pattern-type literal \
  --topic 'coupon-policy.subscribed' \
  --topic 'coupon-policy.unsubscribed' \
  --topic 'store.changed' \
  --topic 'store.closed' \
  --topic 'store.coupon_opened' \
  --topic 'store.opened' \
  --topic 'store.subscribed' \
  --topic 'store.unsubscribed'

add --allow-principal 'User:store' \
  --operation Create --operation Describe --operation DescribeConfigs --resource-pattern-type literal \
  --topic 'coupon-policy.subscribed.DLQ' \
  --topic 'coupon-policy.unsubscribed.DLQ' \
  --topic 'store.changed.DLQ' \
  --topic 'store.closed.DLQ' \
  --topic 'store.coupon_opened.DLQ' \
  --topic 'store.opened.DLQ' \
  --topic 'store.subscribed.DLQ' \
  --topic 'store.unsubscribed.DLQ'

add --allow-principal 'User:store' \
  --operation Write --operation Describe --resource-pattern-type literal \
  --topic 'audit.recorded'

add --allow-principal 'User:store' \
  --operation Read --operation Describe --resource-pattern-type literal \
  --topic 'coupon-policy.activated' \
  --topic 'coupon-policy.changed' \
  --topic 'coupon-policy.ended' \
  --topic 'coupon-policy.resumed' \
  --topic 'coupon-policy.suspended' \
  --topic 'user.deleted'

add --allow-principal 'User:store' \
  --operation Write --operation Describe --resource-pattern-type literal \
  --topic 'coupon-policy.activated.DLQ' \
  --topic 'coupon-policy.changed.DLQ' \
  --topic 'coupon-policy.ended.DLQ' \
  --topic 'coupon-policy.resumed.DLQ' \
  --topic 'coupon-policy.suspended.DLQ' \
  --topic 'user.deleted.DLQ'

add --allow-principal 'User:store' \
  --operation Read --resource-pattern-type prefixed \
  --group 'store.'

add --allow-principal 'User:webhook' \
  --operation Create --operation Write --operation Describe --operation DescribeConfigs --resource-pattern-type literal \
  --topic 'webhook.disabled'

add --allow-principal 'User:webhook' \
  --operation Create --operation Describe --operation DescribeConfigs --resource-pattern-type literal \
  --topic 'webhook.disabled.DLQ'

add --allow-principal 'User:webhook' \
  --operation Write --operation Describe --resource-pattern-type literal \
  --topic 'audit.recorded'

add --allow-principal 'User:webhook' \
  --operation Read --operation Describe --resource-pattern-type literal \
  --topic 'coupon-policy.activated' \
  --topic 'coupon-policy.changed' \
  --topic 'coupon-policy.ended' \
  --topic 'coupon-policy.exhausted' \
  --topic 'coupon-policy.resumed' \
  --topic 'coupon-policy.subscribed' \
  --topic 'coupon-policy.suspended' \
  --topic 'coupon-policy.unsubscribed' \
  --topic 'coupon.cancelled' \
  --topic 'coupon.confirmation_failed' \
  --topic 'coupon.expired' \
  --topic 'coupon.issued' \
  --topic 'coupon.reserved' \
  --topic 'coupon.restored' \
  --topic 'coupon.used' \
  --topic 'notification.failed' \
  --topic 'notification.sent' \
  --topic 'order.cancelled' \
  --topic 'order.expired' \
  --topic 'order.paid' \
  --topic 'order.refunded' \
  --topic 'order.reserved' \
  --topic 'point.cancelled' \
  --topic 'point.earned' \
  --topic 'point.expired' \
  --topic 'point.expiring' \
  --topic 'point.used' \
  --topic 'store.changed' \
  --topic 'store.closed' \
  --topic 'store.coupon_opened' \
  --topic 'store.opened' \
  --topic 'store.subscribed' \
  --topic 'store.unsubscribed' \
  --topic 'timesale.ended' \
  --topic 'timesale.sold_out' \
  --topic 'timesale.started' \
  --topic 'user.deleted' \
  --topic 'user.password_changed' \
  --topic 'user.signed_up'

add --allow-principal 'User:webhook' \
  --operation Write --operation Describe --resource-pattern-type literal \
  --topic 'coupon-policy.activated.DLQ' \
  --topic 'coupon-policy.changed.DLQ' \
  --topic 'coupon-policy.ended.DLQ' \
  --topic 'coupon-policy.exhausted.DLQ' \
  --topic 'coupon-policy.resumed.DLQ' \
  --topic 'coupon-policy.subscribed.DLQ' \
  --topic 'coupon-policy.suspended.DLQ' \
  --topic 'coupon-policy.unsubscribed.DLQ' \
  --topic 'coupon.cancelled.DLQ' \
  --topic 'coupon.confirmation_failed.DLQ' \
  --topic 'coupon.expired.DLQ' \
  --topic 'coupon.issued.DLQ' \
  --topic 'coupon.reserved.DLQ' \
  --topic 'coupon.restored.DLQ' \
  --topic 'coupon.used.DLQ' \
  --topic 'notification.failed.DLQ' \
  --topic 'notification.sent.DLQ' \
  --topic 'order.cancelled.DLQ' \
  --topic 'order.expired.DLQ' \
  --topic 'order.paid.DLQ' \
  --topic 'order.refunded.DLQ' \
  --topic 'order.reserved.DLQ' \
  --topic 'point.cancelled.DLQ' \
  --topic 'point.earned.DLQ' \
  --topic 'point.expired.DLQ' \
  --topic 'point.expiring.DLQ' \
  --topic 'point.used.DLQ' \
  --topic 'store.changed.DLQ' \
  --topic 'store.closed.DLQ' \
  --topic 'store.coupon_opened.DLQ' \
  --topic 'store.opened.DLQ' \
  --topic 'store.subscribed.DLQ' \
  --topic 'store.unsubscribed.DLQ' \
  --topic 'timesale.ended.DLQ' \
  --topic 'timesale.sold_out.DLQ' \
  --topic 'timesale.started.DLQ' \
  --topic 'user.deleted.DLQ' \
  --topic 'user.password_changed.DLQ' \
  --topic 'user.signed_up.DLQ'

add --allow-principal 'User:webhook' \
  --operation Read --resource-pattern-type prefixed \
  --group 'webhook.'

add --allow-principal 'User:provider' \
  --operation Write --operation Describe --resource-pattern-type literal \
  --topic 'payment.completed.v1' \
  --topic 'payment.failed.v1'

add --allow-principal 'User:operator' \
  --operation Read --operation Write --operation Describe --resource-pattern-type literal \
  --topic 'audit.recorded' \
  --topic 'audit.recorded.DLQ' \
  --topic 'coupon-policy.activated' \
  --topic 'coupon-policy.activated.DLQ' \
  --topic 'coupon-policy.changed' \
  --topic 'coupon-policy.changed.DLQ' \
  --topic 'coupon-policy.ended' \
  --topic 'coupon-policy.ended.DLQ' \
  --topic 'coupon-policy.exhausted' \
  --topic 'coupon-policy.exhausted.DLQ' \
  --topic 'coupon-policy.resumed' \
  --topic 'coupon-policy.resumed.DLQ' \
  --topic 'coupon-policy.subscribed' \
  --topic 'coupon-policy.subscribed.DLQ' \
  --topic 'coupon-policy.suspended' \
  --topic 'coupon-policy.suspended.DLQ' \
  --topic 'coupon-policy.unsubscribed' \
  --topic 'coupon-policy.unsubscribed.DLQ' \
  --topic 'coupon.cancelled' \
  --topic 'coupon.cancelled.DLQ' \
  --topic 'coupon.confirmation_failed' \
  --topic 'coupon.confirmation_failed.DLQ' \
  --topic 'coupon.expired' \
  --topic 'coupon.expired.DLQ' \
  --topic 'coupon.issued' \
  --topic 'coupon.issued.DLQ' \
  --topic 'coupon.reserved' \
  --topic 'coupon.reserved.DLQ' \
  --topic 'coupon.restored' \
  --topic 'coupon.restored.DLQ' \
  --topic 'coupon.used' \
  --topic 'coupon.used.DLQ' \
  --topic 'notification.failed' \
  --topic 'notification.failed.DLQ' \
  --topic 'notification.sent' \
  --topic 'notification.sent.DLQ' \
  --topic 'order.cancelled' \
  --topic 'order.cancelled.DLQ' \
  --topic 'order.expired' \
  --topic 'order.expired.DLQ' \
  --topic 'order.paid' \
  --topic 'order.paid.DLQ' \
  --topic 'order.refunded' \
  --topic 'order.refunded.DLQ' \
  --topic 'order.reserved' \
  --topic 'order.reserved.DLQ' \
  --topic 'payment.completed.v1' \
  --topic 'payment.completed.v1.DLQ' \
  --topic 'payment.failed.v1' \
  --topic 'payment.failed.v1.DLQ' \
  --topic 'point.cancelled' \
  --topic 'point.cancelled.DLQ' \
  --topic 'point.earned' \
  --topic 'point.earned.DLQ' \
  --topic 'point.expired' \
  --topic 'point.expired.DLQ' \
  --topic 'point.expiring' \
  --topic 'point.expiring.DLQ' \
  --topic 'point.used' \
  --topic 'point.used.DLQ' \
  --topic 'store.changed' \
  --topic 'store.changed.DLQ' \
  --topic 'store.closed' \
  --topic 'store.closed.DLQ' \
  --topic 'store.coupon_opened' \
  --topic 'store.coupon_opened.DLQ' \
  --topic 'store.opened' \
  --topic 'store.opened.DLQ' \
  --topic 'store.subscribed' \
  --topic 'store.subscribed.DLQ' \
  --topic 'store.unsubscribed' \
  --topic 'store.unsubscribed.DLQ' \
  --topic 'timesale.ended' \
  --topic 'timesale.ended.DLQ' \
  --topic 'timesale.sold_out' \
  --topic 'timesale.sold_out.DLQ' \
  --topic 'timesale.started' \
  --topic 'timesale.started.DLQ' \
  --topic 'user.deleted' \
  --topic 'user.deleted.DLQ' \
  --topic 'user.password_changed' \
  --topic 'user.password_changed.DLQ' \
  --topic 'user.signed_up' \
  --topic 'user.signed_up.DLQ' \
  --topic 'webhook.disabled' \
  --topic 'webhook.disabled.DLQ'
