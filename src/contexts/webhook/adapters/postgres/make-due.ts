/** $1: the endpoint, $2: now. What was put off because the endpoint failed is due: it responds again, is enabled, or has another URL. */
export const MAKE_DUE = `
  update webhook.deliveries set due_at = $2 where endpoint_id = $1 and status = 'PENDING' and due_at > $2`;
