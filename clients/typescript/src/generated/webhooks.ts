// Generated from the definitions of the topics by npm run generate.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        WebhookData: {
            /** @description A coupon was issued to a user */
            "coupon.issued": {
                /** @description The coupon */
                couponId: string;
                /** @description Its policy */
                policyId: string;
                /** @description The owner */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /** @description Store of the policy; null = platform wide */
                storeId: string | null;
                /** @description IANA time zone of the policy, for calendar days */
                timezone: string;
                /** @description The code that was redeemed for it; null when there was none */
                couponCode: string | null;
                /** @description Name of the policy */
                couponName: string;
                /**
                 * @description How the discount is computed
                 * @enum {string}
                 */
                discountType: "FIXED_AMOUNT" | "PERCENTAGE";
                /** @description Smallest unit of the currency, or basis points when it is a percentage */
                discountValue: string;
                /** @description Its position in the order of issue: 1, 2, 3 … without gaps */
                sequenceNo: number;
                /**
                 * @description ISSUED
                 * @constant
                 */
                status: "ISSUED";
                /**
                 * Format: date-time
                 * @description When it was issued (RFC 3339, UTC)
                 */
                issuedAt: string;
                /**
                 * Format: date-time
                 * @description First moment at which it can no longer be used (RFC 3339, UTC)
                 */
                expiresAt: string;
            };
            /** @description A coupon was reserved for an order */
            "coupon.reserved": {
                /** @description The coupon */
                couponId: string;
                /** @description Its policy */
                policyId: string;
                /** @description The owner */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /** @description Store of the policy; null = platform wide */
                storeId: string | null;
                /** @description IANA time zone of the policy, for calendar days */
                timezone: string;
                /** @description The caller's id of the reservation */
                reservationId: string;
                /** @description The order; null when there is none */
                orderId: string | null;
                /** @description The discount of the order, fixed from now on; smallest unit of the currency */
                discountAmount: string;
                /**
                 * Format: date-time
                 * @description When it was reserved (RFC 3339, UTC)
                 */
                reservedAt: string;
                /**
                 * Format: date-time
                 * @description When the reservation ends unless the order is paid (RFC 3339, UTC)
                 */
                expiresAt: string;
            };
            /** @description A coupon was used: its order was paid, or it was used directly */
            "coupon.used": {
                /** @description The coupon */
                couponId: string;
                /** @description Its policy */
                policyId: string;
                /** @description The owner */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /** @description Store of the policy; null = platform wide */
                storeId: string | null;
                /** @description IANA time zone of the policy, for calendar days */
                timezone: string;
                /** @description The order; null when there is none */
                orderId: string | null;
                /** @description The discount of the order; 0 for a percentage that was used without an order; smallest unit of the currency */
                discountAmount: string;
                /**
                 * Format: date-time
                 * @description When it was used (RFC 3339, UTC)
                 */
                usedAt: string;
            };
            /** @description A reservation ended without use, or a coupon was withdrawn */
            "coupon.cancelled": {
                /** @description The coupon */
                couponId: string;
                /** @description Its policy */
                policyId: string;
                /** @description The owner */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /** @description Store of the policy; null = platform wide */
                storeId: string | null;
                /** @description IANA time zone of the policy, for calendar days */
                timezone: string;
                /** @description The reservation that ended with it */
                reservationId?: string;
                /**
                 * @description WITHDRAWN: the coupon can no longer be used. All others: it can be used again
                 * @enum {string}
                 */
                reason: "RELEASED" | "TIMEOUT" | "PAYMENT_FAILED" | "WITHDRAWN";
                /**
                 * Format: date-time
                 * @description When it ended or was withdrawn (RFC 3339, UTC)
                 */
                cancelledAt: string;
            };
            /** @description A used coupon was restored because its order was refunded or never paid */
            "coupon.restored": {
                /** @description The coupon */
                couponId: string;
                /** @description Its policy */
                policyId: string;
                /** @description The owner */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /** @description Store of the policy; null = platform wide */
                storeId: string | null;
                /** @description IANA time zone of the policy, for calendar days */
                timezone: string;
                /** @description The order */
                orderId: string;
                /** @description The discount that no longer applies; smallest unit of the currency */
                discountAmount: string;
                /**
                 * Format: date-time
                 * @description When it was restored (RFC 3339, UTC)
                 */
                restoredAt: string;
            };
            /** @description A coupon expired without having been used */
            "coupon.expired": {
                /** @description The coupon */
                couponId: string;
                /** @description Its policy */
                policyId: string;
                /** @description The owner */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /** @description Store of the policy; null = platform wide */
                storeId: string | null;
                /** @description IANA time zone of the policy, for calendar days */
                timezone: string;
                /**
                 * Format: date-time
                 * @description When its expiry was stored, after the moment from which it could no longer be used (RFC 3339, UTC)
                 */
                expiredAt: string;
            };
            /** @description An order was paid whose coupon can no longer be used: the payment has to be refunded */
            "coupon.confirmation_failed": {
                /** @description The coupon */
                couponId: string;
                /** @description The reservation; null when none was found */
                reservationId: string | null;
                /** @description The order */
                orderId: string;
                /** @description The code of the refusal, for example RESERVATION_EXPIRED */
                reason: string;
            };
            /** @description A policy began to issue, or issues again because there is stock again */
            "coupon-policy.activated": {
                /** @description The policy */
                policyId: string;
                /** @description Its store; null = platform wide */
                storeId: string | null;
                /** @description Its name */
                name: string;
                /** @description When it issues: [validFrom, validUntil) */
                window: {
                    /**
                     * Format: date-time
                     * @description The first moment of issuing (RFC 3339, UTC)
                     */
                    validFrom: string;
                    /**
                     * Format: date-time
                     * @description The first moment after that (RFC 3339, UTC)
                     */
                    validUntil: string;
                };
            };
            /** @description The last coupon of a policy was issued */
            "coupon-policy.exhausted": {
                /** @description The policy */
                policyId: string;
                /** @description Its store; null = platform wide */
                storeId: string | null;
                /** @description Its name */
                name: string;
                /** @description When it issues: [validFrom, validUntil) */
                window: {
                    /**
                     * Format: date-time
                     * @description The first moment of issuing (RFC 3339, UTC)
                     */
                    validFrom: string;
                    /**
                     * Format: date-time
                     * @description The first moment after that (RFC 3339, UTC)
                     */
                    validUntil: string;
                };
            };
            /** @description A policy ended */
            "coupon-policy.ended": {
                /** @description The policy */
                policyId: string;
                /** @description Its store; null = platform wide */
                storeId: string | null;
                /** @description Its name */
                name: string;
                /** @description When it issues: [validFrom, validUntil) */
                window: {
                    /**
                     * Format: date-time
                     * @description The first moment of issuing (RFC 3339, UTC)
                     */
                    validFrom: string;
                    /**
                     * Format: date-time
                     * @description The first moment after that (RFC 3339, UTC)
                     */
                    validUntil: string;
                };
            };
            /** @description A policy was suspended: none of its coupons can be issued, reserved or used */
            "coupon-policy.suspended": {
                /** @description The policy */
                policyId: string;
                /** @description Its store; null = platform wide */
                storeId: string | null;
                /** @description Its name */
                name: string;
                /** @description Why it was suspended; null otherwise */
                reason: string | null;
                /** @description The version of discount, minimum, cap and store that new coupons get */
                termsVersion: number;
            };
            /** @description The suspension of a policy was lifted */
            "coupon-policy.resumed": {
                /** @description The policy */
                policyId: string;
                /** @description Its store; null = platform wide */
                storeId: string | null;
                /** @description Its name */
                name: string;
                /** @description Why it was suspended; null otherwise */
                reason: string | null;
                /** @description The version of discount, minimum, cap and store that new coupons get */
                termsVersion: number;
            };
            /** @description The fields of a policy were changed */
            "coupon-policy.changed": {
                /** @description The policy */
                policyId: string;
                /** @description Its store; null = platform wide */
                storeId: string | null;
                /** @description Its name */
                name: string;
                /** @description Why it was suspended; null otherwise */
                reason: string | null;
                /** @description The version of discount, minimum, cap and store that new coupons get */
                termsVersion: number;
                /** @description When it issues: [validFrom, validUntil) */
                window?: {
                    /**
                     * Format: date-time
                     * @description The first moment of issuing (RFC 3339, UTC)
                     */
                    validFrom: string;
                    /**
                     * Format: date-time
                     * @description The first moment after that (RFC 3339, UTC)
                     */
                    validUntil: string;
                };
            };
            /** @description A user signed up. Where mail is configured: and showed that the e-mail address is theirs */
            "user.signed_up": {
                /** @description The new user */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /** @description The e-mail address as the user wrote it */
                email: string;
            };
            /** @description A user changed or reset the password, and all sessions ended */
            "user.password_changed": {
                /** @description The user */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
            };
            /** @description A user deleted the account. Contexts that keep personal data of the user delete it */
            "user.deleted": {
                /** @description The user. Orders and ledger keep this id, and nothing else */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
            };
            /** @description The server of a channel took a notice */
            "notification.sent": {
                /** @description The notice, as the inbox names it */
                notificationId: string;
                /** @description Whose it is */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /**
                 * @description What the notice is about
                 * @enum {string}
                 */
                kind: "COUPON_ISSUED" | "STORE_COUPON_OPENED" | "POLICY_OPENING" | "POLICY_OPENED" | "COUPON_EXPIRING" | "POINTS_EXPIRING" | "POINTS_CREDITED" | "ORDER_PAID" | "ORDER_EXPIRED" | "ORDER_REFUNDED" | "WEBHOOK_DISABLED" | "ANNOUNCEMENT";
                /**
                 * @description How it left. A notice in an inbox alone has no event
                 * @enum {string}
                 */
                channel: "EMAIL" | "PUSH";
            };
            /** @description A channel gave a notice up */
            "notification.failed": {
                /** @description The notice, as the inbox names it */
                notificationId: string;
                /** @description Whose it is */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /**
                 * @description What the notice is about
                 * @enum {string}
                 */
                kind: "COUPON_ISSUED" | "STORE_COUPON_OPENED" | "POLICY_OPENING" | "POLICY_OPENED" | "COUPON_EXPIRING" | "POINTS_EXPIRING" | "POINTS_CREDITED" | "ORDER_PAID" | "ORDER_EXPIRED" | "ORDER_REFUNDED" | "WEBHOOK_DISABLED" | "ANNOUNCEMENT";
                /**
                 * @description How it left. A notice in an inbox alone has no event
                 * @enum {string}
                 */
                channel: "EMAIL" | "PUSH";
                /**
                 * @description FAILED: it did not arrive. UNKNOWN: it may have arrived, and is not sent again
                 * @enum {string}
                 */
                outcome: "FAILED" | "UNKNOWN";
                /** @description A code, without personal data */
                reason: string;
            };
            /** @description An order has reserved its stock, coupon and points, and waits for its payment */
            "order.reserved": {
                /** @description The order */
                orderId: string;
                /** @description The user of the order */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /** @description The coupon; null = none */
                couponId: string | null;
                /** @description The currency of the order, ISO 4217 */
                currency?: string;
                /** @description The price of all items; smallest unit of the currency */
                subtotal: string;
                /** @description The discount of the coupon; smallest unit of the currency */
                couponDiscount: string;
                /** @description The points that are used in addition to the payment; smallest unit of the currency */
                pointsUsed: string;
                /** @description The amount to pay: subtotal - couponDiscount - pointsUsed; smallest unit of the currency */
                total: string;
                /** @description The lines; their shares add up to the whole */
                items: {
                    /** @description Number of the line in its order: 1, 2, 3 … */
                    line: number;
                    /** @description The product */
                    productId: string;
                    /** @description The time sale; null = at the regular price */
                    timeSaleId: string | null;
                    /** @description The name of the product when the order was placed */
                    productName: string;
                    /** @description The store that sold it; null = the platform */
                    storeId: string | null;
                    /** @description The price of one unit when the order was placed; smallest unit of the currency */
                    unitPrice: string;
                    /** @description Units */
                    quantity: number;
                    /** @description The line's share of the coupon; smallest unit of the currency */
                    couponDiscount: string;
                    /** @description The line's share of the points; smallest unit of the currency */
                    pointsUsed: string;
                }[];
                /**
                 * Format: date-time
                 * @description When all that the order needs was reserved (RFC 3339, UTC)
                 */
                reservedAt: string;
                /**
                 * Format: date-time
                 * @description When it expires unless it is paid (RFC 3339, UTC)
                 */
                expiresAt: string;
            };
            /** @description An order was paid: its coupon and points are used and its units sold */
            "order.paid": {
                /** @description The order */
                orderId: string;
                /** @description The user of the order */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /** @description The coupon; null = none */
                couponId: string | null;
                /** @description The currency of the order, ISO 4217 */
                currency?: string;
                /** @description The price of all items; smallest unit of the currency */
                subtotal: string;
                /** @description The discount of the coupon; smallest unit of the currency */
                couponDiscount: string;
                /** @description The points that are used in addition to the payment; smallest unit of the currency */
                pointsUsed: string;
                /** @description The amount to pay: subtotal - couponDiscount - pointsUsed; smallest unit of the currency */
                total: string;
                /** @description The lines; their shares add up to the whole */
                items: {
                    /** @description Number of the line in its order: 1, 2, 3 … */
                    line: number;
                    /** @description The product */
                    productId: string;
                    /** @description The time sale; null = at the regular price */
                    timeSaleId: string | null;
                    /** @description The name of the product when the order was placed */
                    productName: string;
                    /** @description The store that sold it; null = the platform */
                    storeId: string | null;
                    /** @description The price of one unit when the order was placed; smallest unit of the currency */
                    unitPrice: string;
                    /** @description Units */
                    quantity: number;
                    /** @description The line's share of the coupon; smallest unit of the currency */
                    couponDiscount: string;
                    /** @description The line's share of the points; smallest unit of the currency */
                    pointsUsed: string;
                }[];
                /** @description The payment that paid the order */
                paymentId: string;
                /** @description The part of the total that was paid in money; 0 when it was paid with points; smallest unit of the currency */
                paidInMoney?: string;
                /**
                 * Format: date-time
                 * @description The time of the payment (RFC 3339, UTC)
                 */
                paidAt: string;
            };
            /** @description An order ended unpaid before its time; its stock, coupon and points were returned */
            "order.cancelled": {
                /** @description The order */
                orderId: string;
                /** @description The user of the order */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /** @description The coupon; null = none */
                couponId: string | null;
                /** @description The currency of the order, ISO 4217 */
                currency?: string;
                /** @description The price of all items; smallest unit of the currency */
                subtotal: string;
                /** @description The discount of the coupon; smallest unit of the currency */
                couponDiscount: string;
                /** @description The points that are used in addition to the payment; smallest unit of the currency */
                pointsUsed: string;
                /** @description The amount to pay: subtotal - couponDiscount - pointsUsed; smallest unit of the currency */
                total: string;
                /** @description The lines; their shares add up to the whole */
                items: {
                    /** @description Number of the line in its order: 1, 2, 3 … */
                    line: number;
                    /** @description The product */
                    productId: string;
                    /** @description The time sale; null = at the regular price */
                    timeSaleId: string | null;
                    /** @description The name of the product when the order was placed */
                    productName: string;
                    /** @description The store that sold it; null = the platform */
                    storeId: string | null;
                    /** @description The price of one unit when the order was placed; smallest unit of the currency */
                    unitPrice: string;
                    /** @description Units */
                    quantity: number;
                    /** @description The line's share of the coupon; smallest unit of the currency */
                    couponDiscount: string;
                    /** @description The line's share of the points; smallest unit of the currency */
                    pointsUsed: string;
                }[];
                /**
                 * @description CANCELLED: by the customer
                 * @enum {string}
                 */
                status: "CANCELLED" | "FAILED";
                /** @description FAILED: the code of the refusal, for example INSUFFICIENT_POINTS; otherwise null */
                reason: string | null;
                /**
                 * Format: date-time
                 * @description When the order ended (RFC 3339, UTC)
                 */
                cancelledAt: string;
            };
            /** @description An order was not paid in time; its stock, coupon and points were returned */
            "order.expired": {
                /** @description The order */
                orderId: string;
                /** @description The user of the order */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /** @description The coupon; null = none */
                couponId: string | null;
                /** @description The currency of the order, ISO 4217 */
                currency?: string;
                /** @description The price of all items; smallest unit of the currency */
                subtotal: string;
                /** @description The discount of the coupon; smallest unit of the currency */
                couponDiscount: string;
                /** @description The points that are used in addition to the payment; smallest unit of the currency */
                pointsUsed: string;
                /** @description The amount to pay: subtotal - couponDiscount - pointsUsed; smallest unit of the currency */
                total: string;
                /** @description The lines; their shares add up to the whole */
                items: {
                    /** @description Number of the line in its order: 1, 2, 3 … */
                    line: number;
                    /** @description The product */
                    productId: string;
                    /** @description The time sale; null = at the regular price */
                    timeSaleId: string | null;
                    /** @description The name of the product when the order was placed */
                    productName: string;
                    /** @description The store that sold it; null = the platform */
                    storeId: string | null;
                    /** @description The price of one unit when the order was placed; smallest unit of the currency */
                    unitPrice: string;
                    /** @description Units */
                    quantity: number;
                    /** @description The line's share of the coupon; smallest unit of the currency */
                    couponDiscount: string;
                    /** @description The line's share of the points; smallest unit of the currency */
                    pointsUsed: string;
                }[];
                /**
                 * Format: date-time
                 * @description When the order ended (RFC 3339, UTC)
                 */
                expiredAt: string;
            };
            /** @description A paid order was refunded, completely or in part; money, points and coupon are being returned */
            "order.refunded": {
                /** @description The order */
                orderId: string;
                /** @description The user of the order */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /** @description The refund */
                refundId: string;
                /**
                 * @description The status of the order; REFUNDED: no unit is left of it
                 * @enum {string}
                 */
                status: "PAID" | "REFUNDED";
                /** @description The currency of the order, ISO 4217 */
                currency?: string;
                /** @description The refunded money; smallest unit of the currency */
                amount: string;
                /** @description The refunded points, of those used in addition to the payment; smallest unit of the currency */
                points: string;
                /** @description The money refunded so far, this refund included; smallest unit of the currency */
                refundedAmount: string;
                /** @description The points refunded so far, this refund included; smallest unit of the currency */
                refundedPoints: string;
                /** @description The reason, as text */
                reason: string;
                /** @description The refunded units */
                items: {
                    /** @description Number of the line in its order: 1, 2, 3 … */
                    line: number;
                    /** @description The product */
                    productId: string;
                    /** @description The time sale; null = at the regular price */
                    timeSaleId: string | null;
                    /** @description The name of the product when the order was placed */
                    productName: string;
                    /** @description The store that sold it; null = the platform */
                    storeId: string | null;
                    /** @description The price of one unit when the order was placed; smallest unit of the currency */
                    unitPrice: string;
                    /** @description Units */
                    quantity: number;
                    /** @description Money of these units; smallest unit of the currency */
                    amount: string;
                    /** @description Points of these units; smallest unit of the currency */
                    points: string;
                }[];
                /**
                 * Format: date-time
                 * @description The time of the refund (RFC 3339, UTC)
                 */
                refundedAt: string;
            };
            /** @description A time sale began */
            "timesale.started": {
                /** @description The time sale */
                timeSaleId: string;
                /** @description The product */
                productId: string;
                /** @description The price of one unit in the time sale; smallest unit of the currency */
                salePrice: string;
                /** @description The units that were allocated to it */
                quantity: number;
                /**
                 * Format: date-time
                 * @description The first moment of the sale (RFC 3339, UTC)
                 */
                startsAt: string;
                /**
                 * Format: date-time
                 * @description The first moment after the sale (RFC 3339, UTC)
                 */
                endsAt: string;
            };
            /** @description The last free unit of a time sale was ordered; there may be units again when an order ends unpaid */
            "timesale.sold_out": {
                /** @description The time sale */
                timeSaleId: string;
                /** @description The product */
                productId: string;
                /** @description The price of one unit in the time sale; smallest unit of the currency */
                salePrice: string;
                /** @description The units that were allocated to it */
                quantity: number;
                /**
                 * Format: date-time
                 * @description The first moment of the sale (RFC 3339, UTC)
                 */
                startsAt: string;
                /**
                 * Format: date-time
                 * @description The first moment after the sale (RFC 3339, UTC)
                 */
                endsAt: string;
                /**
                 * Format: date-time
                 * @description When the last unit was reserved (RFC 3339, UTC)
                 */
                soldOutAt: string;
            };
            /** @description A time sale ended, and its free units returned to the stock of its product */
            "timesale.ended": {
                /** @description The time sale */
                timeSaleId: string;
                /** @description The product */
                productId: string;
                /** @description The price of one unit in the time sale; smallest unit of the currency */
                salePrice: string;
                /** @description The units that were allocated to it */
                quantity: number;
                /**
                 * Format: date-time
                 * @description The first moment of the sale (RFC 3339, UTC)
                 */
                startsAt: string;
                /**
                 * Format: date-time
                 * @description The first moment after the sale (RFC 3339, UTC)
                 */
                endsAt: string;
                /** @description Units that were paid at its end */
                soldQuantity: number;
                /** @description Units in orders that may still be paid */
                reservedQuantity: number;
            };
            /** @description A user got points */
            "point.earned": {
                /** @description The transaction in the ledger */
                transactionId: string;
                /** @description The user of the points */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /** @description The number of points; smallest unit of the currency */
                amount: string;
                /** @description The balance after it, available and pending points; smallest unit of the currency */
                balance: string;
                /** @description The order; null when none was named */
                orderId: string | null;
                /**
                 * @description CHARGE: for money. ADJUST: by hand
                 * @enum {string}
                 */
                type: "CHARGE" | "EARN" | "ADJUST";
                /** @description null: at once */
                availableAt: string | null;
                /** @description null: never */
                expiresAt: string | null;
                /**
                 * Format: date-time
                 * @description When (RFC 3339, UTC)
                 */
                earnedAt: string;
            };
            /** @description A user spent points, or an adjustment subtracted them */
            "point.used": {
                /** @description The transaction in the ledger */
                transactionId: string;
                /** @description The user of the points */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /** @description The number of points; smallest unit of the currency */
                amount: string;
                /** @description The balance after it, available and pending points; smallest unit of the currency */
                balance: string;
                /** @description The order; null when none was named */
                orderId: string | null;
                /**
                 * @description CAPTURE: an order was paid. ADJUST: by hand
                 * @enum {string}
                 */
                type: "USE" | "CAPTURE" | "ADJUST";
                /**
                 * Format: date-time
                 * @description When (RFC 3339, UTC)
                 */
                usedAt: string;
            };
            /** @description A use, an earn or a charge was reversed */
            "point.cancelled": {
                /** @description The transaction in the ledger */
                transactionId: string;
                /** @description The user of the points */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /** @description The number of points; smallest unit of the currency */
                amount: string;
                /** @description The balance after it, available and pending points; smallest unit of the currency */
                balance: string;
                /** @description The order; null when none was named */
                orderId: string | null;
                /**
                 * @description GIVEN_BACK: the balance of the user rose
                 * @enum {string}
                 */
                direction: "GIVEN_BACK" | "TAKEN_BACK";
                /** @description The transaction that was reversed; a refund may reverse a part of it */
                sourceId: string;
                /**
                 * Format: date-time
                 * @description When (RFC 3339, UTC)
                 */
                cancelledAt: string;
            };
            /** @description Points expired without having been used */
            "point.expired": {
                /** @description The transaction in the ledger */
                transactionId: string;
                /** @description The user of the points */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /** @description The number of points; smallest unit of the currency */
                amount: string;
                /** @description The balance after it, available and pending points; smallest unit of the currency */
                balance: string;
                /** @description The order; null when none was named */
                orderId: string | null;
                /** @description The number of lots */
                lots: number;
                /**
                 * Format: date-time
                 * @description When (RFC 3339, UTC)
                 */
                expiredAt: string;
            };
            /** @description Points of a user expire soon; once for each user, day of expiry and number of days ahead */
            "point.expiring": {
                /** @description The user of the points */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
                /** @description The number of points that expire; smallest unit of the currency */
                amount: string;
                /** @description The number of days until they expire */
                daysAhead: 30 | 7;
                /**
                 * Format: date
                 * @description The day on which they expire, in the time zone of the shop
                 */
                expiresOn: string;
            };
            /** @description A store was opened: it is listed, may have coupon policies, and sells its products again */
            "store.opened": {
                /** @description The store */
                storeId: string;
                /** @description Its owner */
                ownerId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                ownerExternalId?: string;
                /** @description Its name */
                name: string;
                /** @description Its category */
                category: string;
                /** @description Of the store after the change; rises by one with every change */
                version: number;
            };
            /** @description The details or the staff of a store were changed */
            "store.changed": {
                /** @description The store */
                storeId: string;
                /** @description Its owner */
                ownerId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                ownerExternalId?: string;
                /** @description Its name */
                name: string;
                /** @description Its category */
                category: string;
                /** @description Of the store after the change; rises by one with every change */
                version: number;
            };
            /** @description A store was closed or deleted. Its coupon policies end, its products are taken off sale */
            "store.closed": {
                /** @description The store */
                storeId: string;
                /** @description Its owner */
                ownerId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                ownerExternalId?: string;
                /** @description Its name */
                name: string;
                /** @description Its category */
                category: string;
                /** @description Of the store after the change; rises by one with every change */
                version: number;
                /**
                 * @description DELETED: it does not open again
                 * @enum {string}
                 */
                reason: "CLOSED" | "DELETED";
            };
            /** @description A user follows a store */
            "store.subscribed": {
                /** @description The store */
                storeId: string;
                /** @description The user */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
            };
            /** @description A user unfollowed a store. A deleted store loses its followers without these events */
            "store.unsubscribed": {
                /** @description The store */
                storeId: string;
                /** @description The user */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
            };
            /** @description A coupon policy of a store was activated for the first time */
            "store.coupon_opened": {
                /** @description The store */
                storeId: string;
                /** @description Name of the store */
                storeName: string;
                /** @description The policy */
                policyId: string;
                /** @description Name of the policy */
                name: string;
                /**
                 * Format: date-time
                 * @description The first moment of issuing. It lies in the future when the policy was activated early (RFC 3339, UTC)
                 */
                opensAt: string;
            };
            /** @description A user follows a coupon policy that has not opened */
            "coupon-policy.subscribed": {
                /** @description The policy */
                policyId: string;
                /** @description The user */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
            };
            /** @description A user unfollowed a coupon policy. One that ended loses its followers without these events */
            "coupon-policy.unsubscribed": {
                /** @description The policy */
                policyId: string;
                /** @description The user */
                userId: string;
                /** @description The external id of the user; absent for a user who signed up at this server */
                externalId?: string;
            };
            /** @description An administrator tests a webhook */
            "webhook.test": {
                /** @description The webhook */
                webhookId: string;
                /** @description A sentence for people */
                message: string;
            };
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
