// Generated from the definitions of the routes by npm run generate.
export interface paths {
    "/api/v1/auth/signup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign up
         * @description As a customer, or as the owner of stores. Without mail: 201, and a repeat without the same Idempotency-Key is refused, because the address is taken by then. With mail (`SMTP_URL`): 202 for every address, after the same time; the user verifies the address by the link in the mail, and cannot log in before. An address that has an account gets a mail that says so. 3 mails an hour to an address from one client address, and 10 from all. Callers without a token share one space of keys, so a key must be unguessable; the password is not compared.
         */
        post: operations["signUpUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log in
         * @description An unknown address, a wrong password and, where mail is configured, an address that is not verified get the same response after the same time. 5 attempts a minute per account and client address, and wider limits for an address and for an account from addresses from which it has not logged in before.
         */
        post: operations["logInUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Exchange a refresh token for new tokens
         * @description A refresh token is valid for one use. A second use, also a concurrent one, ends the session, and the user has to log in again. So refresh from one place at a time.
         */
        post: operations["refreshTokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log out
         * @description Ends the session of a refresh token; its access tokens are refused at once here and within a second everywhere. 204 whether or not there was such a session.
         */
        post: operations["logOutUser"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/profile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read your profile
         * @description A user of another issuer has a profile from the first token on: its `userId` is the one that paths and bodies need. A token that names an id of this system whose user did not sign up here, such as one with `subjectIsUserId`, has none: 404 USER_NOT_FOUND.
         */
        get: operations["getProfile"];
        put?: never;
        post?: never;
        /**
         * Delete your account
         * @description For good: address, name, image and password are deleted, and every session ends. Orders and points keep the id of the user, and nothing else. Your stores close, and their coupon policies end. The last active administrator cannot go.
         */
        delete: operations["deleteAccount"];
        options?: never;
        head?: never;
        /**
         * Change your profile
         * @description Only the fields that are given change.
         */
        patch: operations["updateProfile"];
        trace?: never;
    };
    "/api/v1/auth/profile/image": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Upload your profile image
         * @description One part named `image`: a JPEG, PNG or WebP of at most 5 MB and 30 million pixels. Its content decides, not its name or type. It is encoded anew as WebP, without metadata; of an animation the first frame is left. It is made to fit into 512 by 512 pixels, and replaces the one before.
         */
        put: operations["replaceProfileImage"];
        post?: never;
        /**
         * Remove your profile image
         * @description Uploaded or not. A repeat changes nothing.
         */
        delete: operations["deleteProfileImage"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change your password
         * @description Every session ends, also this one: log in again with the new password. A wrong current password gets 401 with the reason WRONG_PASSWORD, and counts as an attempt to log in.
         */
        put: operations["changePassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/files/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read an uploaded image
         * @description Public, for pages of any origin. The content of a name never changes, so caches may keep it for a year, also after the image was deleted.
         */
        get: operations["getFile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/verify-email": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Verify an e-mail address
         * @description With the token of the link in the mail of a sign-up; the user can log in then, or, after a second sign-up with the address, choose a password by the newest mail. A link is valid once, for 24 hours, until a newer one is sent.
         */
        post: operations["verifyEmail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/verify-email/request": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Request another mail that verifies an e-mail address
         * @description Sent when the address has an account that is not verified. The response is the same for every address, after the same time. 3 mails an hour to an address from one client address, and 10 from all.
         */
        post: operations["requestEmailVerification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/password-reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Request a mail to choose a new password
         * @description Sent when the address has an active account. The response is the same for every address, after the same time. 3 mails an hour to an address from one client address, and 10 from all.
         */
        post: operations["requestPasswordReset"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/password-reset/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Choose a new password
         * @description With the token of the link in the mail. Every session ends, and the address counts as verified. A link is valid once, for 30 minutes, until a newer one is sent or the password is changed.
         */
        post: operations["resetPassword"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List API keys, newest first */
        get: operations["listApiKeys"];
        put?: never;
        /**
         * Create an API key for a machine
         * @description The key acts with role SERVICE and may do what its scopes allow; without scopes it may do nothing. Its secret is only in this response and is not stored. A repeat with the same Idempotency-Key creates no second key and gets a response without `secret`: delete a key whose secret was lost.
         */
        post: operations["createApiKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an API key
         * @description It is refused everywhere within 30 s. A repeat without the same Idempotency-Key gets 404.
         */
        delete: operations["revokeApiKey"];
        options?: never;
        head?: never;
        /**
         * Change an API key
         * @description Only the fields that are given change. It takes effect everywhere within 30 s.
         */
        patch: operations["updateApiKey"];
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List users, newest first
         * @description By e-mail address, by external id, by role, or all. A deleted account has neither an address nor a name any more.
         */
        get: operations["listUsers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a user */
        get: operations["getUser"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change the status, role or sessions of a user
         * @description Only the fields that are given change. A lock and another role end every session of the user: the access tokens are refused at once here and within a second everywhere; those of other issuers when the user is locked. Only an ADMIN gives a role, and no machine changes an ADMIN. The last active ADMIN who signed up here stays one.
         */
        patch: operations["updateUser"];
        trace?: never;
    };
    "/api/v1/audit-log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List who changed what, newest first
         * @description Every change by an ADMIN or OWNER, and by a machine what customers cannot do. A line follows its change within seconds. With `Accept: text/csv` all lines that match are streamed from the cursor on, without pages.
         */
        get: operations["listAuditLines"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/auth/backchannel-logout/{issuerName}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Report that another issuer has ended a session
         * @description OpenID Connect Back-Channel Logout 1.0. The path names an issuer of JWT_ISSUERS. The logout token is the only credential: it is signed by the issuer, for one of its `logoutAudiences`, at most five minutes ago. With `sid` the session ends, otherwise every session of the user that began until then. The access tokens are refused at once here, and within seconds everywhere. A repeat changes nothing.
         */
        post: operations["endIssuerSessions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupon-policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List coupon policies
         * @description Codes and other fields for editors are shown to ADMIN, and to the OWNER of the store of the policy.
         */
        get: operations["listCouponPolicies"];
        put?: never;
        /**
         * Create a coupon policy
         * @description It starts PENDING and becomes ACTIVE at validFrom, or when it is activated. With a storeId it is of that store, which must be OPEN, and ends when the store is closed. An OWNER names a store of theirs; policies of the whole platform and EVENT policies are for ADMIN.
         */
        post: operations["createCouponPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/coupon-policies/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Change a coupon policy
         * @description Replaces all fields. `version` is the one that was read: nothing is changed when the policy was changed in the meantime. Issued coupons keep discount, minimum, cap and store as they were issued, unless `applyToIssued`.
         */
        put: operations["updateCouponPolicy"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/coupon-policies/{id}/clone": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Clone a coupon policy
         * @description A new policy with the terms of this one, and without its coupons, codes and changes. It is PAUSED: it issues nothing before it is activated. It has the window of the policy, unless the request gives another one, which a policy whose window is over needs; and no code, unless the request gives one.
         */
        post: operations["cloneCouponPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stores/{id}/coupon-policies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the coupon policies of a store, newest first
         * @description As the list of all policies. A store that is not OPEN is missing for everybody but its owner, its staff and ADMIN.
         */
        get: operations["listStoreCouponPolicies"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupon-policies/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a coupon policy
         * @description Codes and other fields for editors are shown to ADMIN, and to the OWNER of the store of the policy.
         */
        get: operations["getCouponPolicy"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/coupon-policies/{id}/activate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Activate a coupon policy
         * @description Repeating a transition returns the current state.
         */
        post: operations["activateCouponPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/coupon-policies/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pause a coupon policy
         * @description Repeating a transition returns the current state.
         */
        post: operations["pauseCouponPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/coupon-policies/{id}/end": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End a coupon policy
         * @description Repeating a transition returns the current state.
         */
        post: operations["endCouponPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/coupon-policies/{id}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Suspend a coupon policy
         * @description Nothing of it can be issued, reserved or used until it is resumed, also coupons that customers hold. What is reserved already is confirmed by its payment. It holds on every node within a second.
         */
        post: operations["suspendCouponPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/coupon-policies/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lift the suspension of a coupon policy
         * @description Its status was kept meanwhile.
         */
        post: operations["resumeCouponPolicy"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/coupon-policies/{id}/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Withdraw the issued coupons of a policy, as a job
         * @description All that are issued and not used. A reserved coupon is left, and is one of the errors of the job: its row is its sequence number. What is issued meanwhile is not withdrawn, so suspend or end the policy first. Location is the address of the job.
         */
        post: operations["withdrawIssuedCoupons"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupon-policies/{id}/remaining-quantity": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Set how many coupons a policy may issue
         * @description A limit below the number of issued coupons is refused, and nothing changes.
         */
        patch: operations["setCouponPolicyQuantity"];
        trace?: never;
    };
    "/api/v1/coupons/policies/{policyId}/stock": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read how many coupons are left */
        get: operations["getCouponStock"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/policies/{policyId}/stock/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Watch how many coupons are left
         * @description Server-sent events named `stock`, one at once and one after each change, checked every 250 ms.
         */
        get: operations["streamCouponStock"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/policies/{policyId}/issued": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check whether a user has a coupon of a policy
         * @description Only for the caller, unless ADMIN or SERVICE.
         */
        get: operations["checkCouponIssued"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/users/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a user's coupons, newest first
         * @description Only own coupons, unless the caller is ADMIN or SERVICE.
         */
        get: operations["listUserCoupons"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/reserve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reserve a coupon for an order
         * @description Fixes the discount. A repeat of the request returns the current reservation. The id is one of the user: others may have the same, and so may what a machine reserves for the user. The coupon of a store discounts the lines of that store only, so it needs `lines`; a coupon that would discount nothing is refused with COUPON_NOT_APPLICABLE.
         */
        post: operations["reserveCoupon"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/apply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Reserve a coupon and get its discount */
        post: operations["applyCoupon"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/apply/{reservationId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Release a reservation
         * @description The coupon can be used again. A repeat gets the same response.
         */
        delete: operations["releaseReservation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/reservations/{reservationId}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm a reservation
         * @description The order is paid. Payment events do this automatically.
         */
        post: operations["confirmReservation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/reservations/{reservationId}/extend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Extend a reservation
         * @description It lasts for its full time from now.
         */
        post: operations["extendReservation"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/quote": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Quote coupons and codes for a cart
         * @description What each of them takes off the cart if reserved now, the best first, or why it takes nothing off. Without `couponIds` all coupons that the user could reserve. Nothing is reserved or stored: only reserving a coupon or placing an order is binding, and an order has the prices of its products. Unknown, used up and unavailable codes have the reason COUPON_CODE_NOT_FOUND. Each code counts as one of the 5 a minute and 20 an hour of all routes for codes; after 20 wrong ones within an hour 24 hours of RATE_LIMITED.
         */
        post: operations["quoteCart"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/{couponId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a coupon with its history
         * @description For its owner, ADMIN, and the OWNER and the staff of the store of its policy; for anybody else it is missing. Its owner does not see who of the staff did something by hand, or what they noted.
         */
        get: operations["getCoupon"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupon-policies/{id}/coupons": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the coupons of a policy, the latest first
         * @description For ADMIN and the OWNER of the store of the policy. With `status` a page may have fewer coupons than its limit, or none, and still a next one: it ends after 50,000 coupons, whatever their status. With `Accept: text/csv` all coupons that match are streamed from the cursor on, without pages.
         */
        get: operations["listPolicyCoupons"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/reservations/{reservationId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a reservation
         * @description By the id that its caller chose. A reservation past its end is EXPIRED.
         */
        get: operations["getReservation"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/{couponId}/use": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Use a coupon
         * @description Without a reservation, by the same rules: the minimum of its policy, a discount above 0, and one coupon for an order. A repeat for the same order returns the current coupon. Without an amount only a fixed discount can be used whose policy has no minimum and no store.
         */
        post: operations["useCoupon"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/{couponId}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Withdraw a coupon
         * @description By an ADMIN, or the OWNER of its policy. With `returnStock` another user may get it.
         */
        post: operations["cancelCoupon"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/{couponId}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restore a used coupon after a refund
         * @description The coupon is restored when its policy allows it and it has not expired; otherwise it stays used, which is no error. A repeat gets the same response.
         */
        post: operations["restoreCoupon"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/users/{userId}/expiring": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the coupons of a user that expire soon
         * @description Coupons that can still be used, in order of expiry. Only own coupons, unless the caller is ADMIN or SERVICE.
         */
        get: operations["listExpiringCoupons"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/users/{userId}/statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Count a user's coupons and the amount that they saved
         * @description Withdrawn coupons do not count. Only for the caller, unless ADMIN or SERVICE.
         */
        get: operations["getUserCouponStatistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/{couponId}/redemption-code": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show the redemption code of a coupon
         * @description The code with which the staff of a store use the coupon at the counter, as text and as a QR code. Only for the owner of the coupon, while it can be used. A coupon has the same code each time.
         */
        get: operations["getRedemptionCode"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/redeem": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Use a coupon at the counter
         * @description By the OWNER of the store of the coupon, its staff, or an ADMIN. Case, spaces and dashes of the code do not matter. `orderAmount` is what the customer buys of this store; without it only a fixed discount can be used whose policy has no minimum. A code is used once: of two tills that send it at the same time one gets COUPON_ALREADY_USED. A repeat needs an Idempotency-Key to get the first response. After 20 wrong codes within an hour 24 hours of RATE_LIMITED.
         */
        post: operations["redeemCoupon"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/direct-issue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Issue coupons of a DIRECT policy to a list of users
         * @description Up to 10000 users. Each is decided separately, so some may be refused. For more users upload a CSV file.
         */
        post: operations["issueCouponsToUsers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupon-policies/{id}/direct-issue.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Issue coupons of a DIRECT policy to the users of a CSV file, as a job
         * @description The column userId (or 회원번호) holds user ids, or external ids. UTF-8, UTF-16 or CP949; separated by commas, semicolons or tabs. A file of several columns needs a header that names the column. At most 100 MB, also after decompression (gzip). A dry run assumes that nothing else is issued meanwhile.
         */
        post: operations["issueCouponsFromCsv"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the state of a job
         * @description ADMIN sees every job, OWNER their own.
         */
        get: operations["getJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Watch a job
         * @description Server-sent events named `job`, one at once and one after each change. The stream ends with the job.
         */
        get: operations["streamJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}/errors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the failed rows of a job
         * @description In order of the rows; the first 10,000 are kept.
         */
        get: operations["listJobErrors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}/errors.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export the failed rows of a job as CSV */
        get: operations["exportJobErrors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/statistics/daily": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List coupon statistics by day and policy
         * @description One row for each day and policy with activity, the oldest day first; at most 366 days. An OWNER gets their own policies. Updated within seconds.
         */
        get: operations["listDailyStatistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupon-policies/{id}/statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the statistics of a policy
         * @description Only of own policies, unless the caller is ADMIN. Updated within seconds.
         */
        get: operations["getCouponPolicyStatistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stores/{id}/statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the statistics of a store
         * @description The sums over the coupon policies of the store, for its OWNER and ADMIN. An hour counts for the store that the policy had then. Updated within seconds.
         */
        get: operations["getStoreStatistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/earn": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Give points */
        post: operations["earnPoints"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reverse a charge, an earn or a use
         * @description Completely and once: a repeat returns the reversal. A customer may cancel their own charges, and their own uses without an order. The money of a charge that was paid for goes back. Of an earn, what was spent is booked as owed by the user (`receivable`); points earned later repay it.
         */
        post: operations["cancelPointTransaction"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/charges/{chargeId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a charge of points
         * @description Its present state, and the money that went back. Only for the caller, unless ADMIN or SERVICE.
         */
        get: operations["getPointCharge"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/users/{userId}/balance": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the balance of a user
         * @description Only for the caller, unless ADMIN or SERVICE.
         */
        get: operations["getPointBalance"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/users/{userId}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List a user's transactions, newest first
         * @description Only for the caller, unless ADMIN or SERVICE.
         */
        get: operations["listPointTransactions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List orders, newest first
         * @description Own orders. ADMIN and SERVICE name another user, a store or a time; without a user these are the orders of all users.
         */
        get: operations["listOrders"];
        put?: never;
        /**
         * Place an order
         * @description Reserves stock, coupon and points together, or nothing. The server fixes the prices. An unpaid order ends at `expiresAt`. A repeat with the same key gets the first response; GET returns the present state of the order.
         */
        post: operations["placeOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orders/{orderId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read an order */
        get: operations["getOrder"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orders/{orderId}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel an order before it is paid
         * @description Points, coupon and stock are returned. A repeat gets the same response.
         */
        post: operations["cancelOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orders/{orderId}/refund": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refund a paid order
         * @description All of it, or units of its lines. Money and points are returned by the shares of the lines; partial refunds add up to the whole. When no unit is left the coupon is restored, if its policy allows it. An OWNER refunds lines of their stores: those that are named, or all that are left.
         */
        post: operations["refundOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orders/{orderId}/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the payments of an order, newest first
         * @description Also those that failed, and money that the order could not use.
         */
        get: operations["listOrderPayments"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/orders/{orderId}/refunds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the refunds of an order, newest first
         * @description What went back and why. Without items: money that the order could not use.
         */
        get: operations["listOrderRefunds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/payments/{paymentId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a payment */
        get: operations["getPayment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/download": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Redeem a code for a coupon
         * @description A shared code, or a unique code, which issues one coupon. Case, spaces and dashes do not matter. Unknown and unavailable codes get the same response. At most 5 codes a minute and 20 an hour, together with the other route for codes; after 20 wrong ones within an hour 24 hours of RATE_LIMITED. An address sends at most 200 wrong ones an hour, of all its accounts.
         */
        post: operations["downloadCoupon"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/validate/{couponCode}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check whether a code would issue a coupon now
         * @description Unknown, mistyped, used, sold-out and not yet open codes get the same response. The message follows Accept-Language. At most 5 codes a minute and 20 an hour, together with the other route for codes; after 20 wrong ones within an hour 24 hours of RATE_LIMITED. An address sends at most 200 wrong ones an hour, of all its accounts.
         */
        get: operations["validateCouponCode"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupon-policies/{id}/codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Generate unique codes of a CODE policy, as a job
         * @description Each code issues one coupon. It has at least 64 random bits and a check symbol at the end. Location is the address of the job.
         */
        post: operations["generateCouponCodes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupon-policies/{id}/codes.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export the unique codes of a policy, with the users who redeemed them
         * @description CSV in the order of generation, streamed. A cell that a spreadsheet would read as a formula is marked as text.
         */
        get: operations["exportCouponCodes"];
        put?: never;
        /**
         * Import unique codes from a CSV file, as a job
         * @description The column code (or 쿠폰코드) holds codes of at least 6 symbols. UTF-8, UTF-16 or CP949; separated by commas, semicolons or tabs. A file of several columns needs a header that names the column. At most 100 MB, also after decompression (gzip). A column status is read as in the export: codes that are not FREE are refused. Invalid codes and codes that cannot be used are among the errors of the job.
         */
        post: operations["importCouponCodes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/products": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List products, newest first
         * @description By cursor, or by page with 20 products each. A HIDDEN product is listed only for callers who may change it.
         */
        get: operations["listProducts"];
        put?: never;
        /**
         * Create a product
         * @description An OWNER sells by a store of theirs and names its storeId. Without one the platform sells it.
         */
        post: operations["createProduct"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/products/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a product */
        get: operations["getProduct"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change a product
         * @description Absent fields do not change. `version` is the one that was read: nothing is changed when the product was edited in the meantime; orders are no edits. Stock is added or subtracted, never set, so that no sale is undone. An OWNER changes products of their stores.
         */
        patch: operations["updateProduct"];
        trace?: never;
    };
    "/api/v1/products/popular": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the best-selling products
         * @description By the paid and not refunded quantity, counted with each payment. Products that never sold are not listed.
         */
        get: operations["listPopularProducts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/time-sales": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List time sales, newest first */
        get: operations["listTimeSales"];
        put?: never;
        /**
         * Create a time sale: a part of a product's stock at a lower price for a limited time
         * @description The quantity is allocated from the product's stock at once; units that are left at the end return to it. Buyers pay salePrice, or the price of the product where that is lower. An OWNER creates time sales of products of their stores.
         */
        post: operations["createTimeSale"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/time-sales/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a time sale */
        get: operations["getTimeSale"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change quantity, limit or end of a time sale, also while it runs
         * @description The price can be changed before the start. Orders that are placed keep their units and prices.
         */
        patch: operations["updateTimeSale"];
        trace?: never;
    };
    "/api/v1/time-sales/{id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop a time sale now
         * @description Its free units return to the product at once, those in unpaid orders when they are cancelled or expire. Paid orders stay. A sale that is over stays as it is.
         */
        post: operations["stopTimeSale"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/time-sales/{id}/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream the remaining units of a time sale
         * @description Server-sent events named `stock`, one at once and one after each change, checked every second.
         */
        get: operations["streamTimeSaleStock"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stores": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List open stores, newest first */
        get: operations["listStores"];
        put?: never;
        /**
         * Create a store
         * @description It is OPEN at once, unless it is created PENDING. It belongs to the caller for good; an ADMIN may name another owner.
         */
        post: operations["createStore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stores/my": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List your stores in any status, newest first */
        get: operations["listOwnStores"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stores/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a store
         * @description A store that is not OPEN is missing for everybody but its owner, its staff and ADMIN.
         */
        get: operations["getStore"];
        put?: never;
        post?: never;
        /**
         * Delete a store
         * @description For good: its coupon policies end within seconds, and it cannot be opened again. Orders keep its id. A repeat without the same Idempotency-Key gets 404. By its OWNER, or an ADMIN.
         */
        delete: operations["deleteStore"];
        options?: never;
        head?: never;
        /**
         * Change a store, open it or close it
         * @description What is left out stays as it is. With `version` nothing is changed if the store was changed since. Closing it ends its coupon policies within seconds. By its OWNER, or an ADMIN.
         */
        patch: operations["updateStore"];
        trace?: never;
    };
    "/api/v1/stores/{id}/images": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Upload an image of a store
         * @description One part named `image`: a JPEG, PNG or WebP of at most 5 MB and 30 million pixels. Its content decides, not its name or type. It is encoded anew as WebP, without metadata; of an animation the first frame is left. It is made to fit into 1,024, 480 and 160 pixels, and is the last of `uploadedImages`, of which a store has 10. By its OWNER, or an ADMIN.
         */
        post: operations["addStoreImage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stores/{id}/images/{imageId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete an uploaded image of a store
         * @description For good. A repeat without the same Idempotency-Key gets 404. Caches may show it for longer. By its OWNER, or an ADMIN.
         */
        delete: operations["removeStoreImage"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stores/{id}/staff/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Add a user to the staff of a store
         * @description Staff may use coupons at the counter of the store. A repeat changes nothing. By its OWNER, or an ADMIN.
         */
        put: operations["addStoreStaff"];
        post?: never;
        /**
         * Remove a user from the staff of a store
         * @description Staff may use coupons at the counter of the store. A repeat changes nothing. By its OWNER, or an ADMIN.
         */
        delete: operations["removeStoreStaff"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List your notices, newest first
         * @description The inbox of the caller, in the language of the settings, else of `Accept-Language`. Notices are deleted after 90 days.
         */
        get: operations["listNotifications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications/{id}/read": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Mark a notice as read
         * @description A repeat changes nothing.
         */
        post: operations["markNotificationRead"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications/read-all": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Mark all your notices as read */
        post: operations["markAllNotificationsRead"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Delete a notice
         * @description For good. A repeat without the same Idempotency-Key gets 404.
         */
        delete: operations["deleteNotification"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications/preferences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read your notification preferences
         * @description The consent to advertising, `marketingConsent`, is in the profile: `GET` and `PATCH /auth/profile`.
         */
        get: operations["getNotificationPreferences"];
        /**
         * Replace your notification preferences
         * @description Replaces all of it: what is left out has its default. Consent to advertising is given in the profile.
         */
        put: operations["replaceNotificationPreferences"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notification-jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List jobs of notices, newest first
         * @description Also those that events and tasks began. An OWNER gets their own announcements.
         */
        get: operations["listNotificationJobs"];
        put?: never;
        /**
         * Create an announcement to many users, as a job
         * @description Each user of the audience gets one notice. For USERS the job is OPEN until its list is uploaded to `/notification-jobs/{id}/users.csv`. An OWNER announces to the followers of their own OPEN store, of class MARKETING, once for each store and day on which it starts, at most 30 days ahead; titles begin with the name of the store. Cancelled before it has begun, it does not count.
         */
        post: operations["createNotificationJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notification-jobs/{id}/users.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Upload the list of users of an announcement, which then runs
         * @description The column userId (or 회원번호) holds user ids, or external ids. A user who comes twice gets one notice. At most 1,000,000 users. A file that is refused, as one without users is, may be followed by another; users of it that were read stay in the list.
         */
        post: operations["uploadNotificationJobUsers"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notification-jobs/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Preview an announcement and count its users
         * @description Changes nothing. An OWNER sees it for their own OPEN store.
         */
        post: operations["previewNotificationJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notification-jobs/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a test of an announcement to yourself
         * @description It is in your inbox at once. Outside the inbox it leaves as it would for a customer: of class MARKETING only with your own consent to marketing, and by mail with the digest, some ten minutes later. An OWNER states the audience, their own OPEN store.
         */
        post: operations["sendTestNotification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notification-jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read the progress of a job of notices */
        get: operations["getNotificationJob"];
        put?: never;
        post?: never;
        /**
         * Cancel a job of notices that has not ended
         * @description Notices that are written stay, and the others are not written. A repeat changes nothing.
         */
        delete: operations["cancelNotificationJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications/push-key": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the public key of web push
         * @description The `applicationServerKey` of `PushManager.subscribe()`.
         */
        get: operations["getPushKey"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications/push-subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Subscribe a browser to your notices
         * @description What the browser took before is replaced: also of another user, when `auth` is the same, as it is where a browser is shared. A user has at most 10; the oldest goes.
         */
        put: operations["savePushSubscription"];
        post?: never;
        /**
         * Unsubscribe a browser from notices
         * @description A repeat, and a browser of another user, change nothing.
         */
        delete: operations["deletePushSubscription"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications/suppressions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List suppressed mail addresses, newest first
         * @description After a hard bounce or a complaint. Addresses are known by their hash only.
         */
        get: operations["listSuppressions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications/suppressions/lift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Remove the suppression of a mail address
         * @description The consent to marketing stays withdrawn: only the user gives it.
         */
        post: operations["liftSuppression"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications/mail-events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Receive bounces and complaints from a mail provider
         * @description Signed as a Standard Webhook with a secret of `MAIL_WEBHOOK_SECRET`, as the one of payment providers. `HARD_BOUNCE`: the mailbox does not exist. `COMPLAINT`: the reader reported the mail as spam. Both end mail to the address; a complaint also ends the consent to marketing. Other kinds are taken and change nothing. The same body with the same `webhook-id` has one effect in 24 hours.
         */
        post: operations["reportMailEvents"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/unsubscribe": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show the page of an unsubscribe link
         * @description Changes nothing: its form does.
         */
        get: operations["showUnsubscribePage"];
        put?: never;
        /**
         * Unsubscribe from mails by a link
         * @description Sent by the page, and by mail programs (`List-Unsubscribe-Post`, RFC 8058): marketing mail ends the consent to marketing, a reminder ends mails with reminders. A body of any type is taken and ignored. A repeat changes nothing. The general limit counts requests without a valid token, by address.
         */
        post: operations["confirmUnsubscription"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stores/{id}/subscription": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Follow a store
         * @description Its followers are notified when one of its coupon policies opens. Only an OPEN store can be followed. A repeat changes nothing.
         */
        put: operations["followStore"];
        post?: never;
        /**
         * Unfollow a store
         * @description A repeat changes nothing, nor does a store that is not followed.
         */
        delete: operations["unfollowStore"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupon-policies/{id}/subscription": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Follow a coupon policy that opens later
         * @description Its followers get a notice some minutes before it opens, and when it opens. A suspended policy can be followed, too: its notices come if it resumes. A repeat changes nothing.
         */
        put: operations["followCouponPolicy"];
        post?: never;
        /**
         * Unfollow a coupon policy
         * @description A repeat changes nothing, nor does a policy that is not followed.
         */
        delete: operations["unfollowCouponPolicy"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List what you follow, the latest first
         * @description Stores that are not OPEN and policies that have ended are left out.
         */
        get: operations["listSubscriptions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/notifications/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream your notices
         * @description Server-sent events: `notice`, as in the list, and `unread` with the count of unread notices, at once and after each change. With the `Last-Event-ID` of an earlier stream it continues where that ended: each notice arrives once and in order, from whichever node. Without it the notices that are written from now on arrive. The stream ends when the access token expires or its session ends: connect again with a new token and the last id. A browser's own EventSource sends no `Authorization`: use one that is built on `fetch`.
         */
        get: operations["streamNotifications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List webhooks, newest first */
        get: operations["listWebhooks"];
        put?: never;
        /**
         * Create a webhook
         * @description Events that happen from now on are sent as signed requests (Standard Webhooks), at least once, in order for each subject. At most 100 webhooks. The secret is only in this response. A repeat with the same Idempotency-Key has no further effect and gets a response without `secret`.
         */
        post: operations["createWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a webhook with its state and waiting deliveries */
        get: operations["getWebhook"];
        put?: never;
        post?: never;
        /**
         * Delete a webhook and its deliveries
         * @description A repeat without the same Idempotency-Key gets 404.
         */
        delete: operations["deleteWebhook"];
        options?: never;
        head?: never;
        /**
         * Change, disable or enable a webhook
         * @description Only the fields that are given change. While it is disabled, events are not stored for it; what waited before is kept, and is sent when it is enabled. Another URL, and enabling, forget earlier failures.
         */
        patch: operations["updateWebhook"];
        trace?: never;
    };
    "/api/v1/webhooks/{id}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace the secret of a webhook
         * @description Until `previousSecretUntil` each request has two signatures, so that a receiver may change its secret at any time. The secret is only in this response. A repeat with the same Idempotency-Key has no further effect and gets a response without `secret`.
         */
        post: operations["rotateWebhookSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a test event to a webhook
         * @description Of type `webhook.test`, at once, whatever its topics. A webhook that fails is tried with it.
         */
        post: operations["testWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{id}/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List deliveries of a webhook, newest first
         * @description Finished ones are kept for `WEBHOOK_KEPT_DAYS`.
         */
        get: operations["listWebhookDeliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/webhooks/{id}/deliveries/{deliveryId}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a delivery again
         * @description At once and with the same `webhook-id`, also one that arrived. A webhook that fails is tried with it.
         */
        post: operations["replayWebhookDelivery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sandbox/payments/{ref}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show the page of a payment in the sandbox
         * @description `providerUrl` of a payment. Available when `PAYMENT_PROVIDER` is `sandbox`.
         */
        get: operations["showSandboxPaymentPage"];
        put?: never;
        /**
         * Choose the outcome of a payment in the sandbox
         * @description The page sends this as a form or as JSON. The first choice counts. APPROVE_LATER is reported 30 s later, APPROVE_TWICE twice.
         */
        post: operations["completeSandboxPayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/verify-email": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show the page of a link that verifies an e-mail address
         * @description Changes nothing: its form does.
         */
        get: operations["showEmailVerificationPage"];
        put?: never;
        /**
         * Verify an e-mail address on the page of its link
         * @description The page sends this as a form. Programs use `POST /api/v1/auth/verify-email`.
         */
        post: operations["submitEmailVerificationPage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/password-reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Show the page of a link to choose a new password
         * @description Changes nothing: its form does.
         */
        get: operations["showPasswordResetPage"];
        put?: never;
        /**
         * Choose a new password on the page of its link
         * @description The page sends this as a form. Programs use `POST /api/v1/auth/password-reset/confirm`.
         */
        post: operations["submitPasswordResetPage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/policies/{policyId}/issue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Issue a coupon
         * @description FIRST_COME and DOWNLOAD policies. Idempotent by nature: a repeat gets COUPON_ALREADY_ISSUED with the coupon. Exempt from the general limit, except for requests with ever new keys or for several policies.
         */
        post: operations["issueCoupon"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/coupons/issue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Issue a coupon of the policy that the body names
         * @description FIRST_COME and DOWNLOAD policies. Idempotent by nature: a repeat gets COUPON_ALREADY_ISSUED with the coupon. Exempt from the general limit, except for requests with ever new keys or for several policies.
         */
        post: operations["issueCouponByPolicyId"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/charge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Charge points
         * @description A customer pays through the payment provider: the charge is PENDING with `providerUrl`, to be paid within 10 minutes, or COMPLETED at once. A repeat gets the first response; GET returns the present state. ADMIN and SERVICE charge directly, for any user: the shop has the money. The balance is limited.
         */
        post: operations["chargePoints"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/points/use": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Use points
         * @description For the caller; ADMIN and SERVICE for any user. Points that expire first are used first, then the oldest.
         */
        post: operations["usePoints"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/time-sales/{timeSaleId}/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Place an order in a time sale
         * @description Like any order. A user may have `limitPerUser` units of a time sale, unpaid ones included. Exempt from the general limit; its own limit is one request a second for each user.
         */
        post: operations["placeTimeSaleOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/payments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pay an order
         * @description POINTS pays at once: the order is PAID. EXTERNAL is PENDING, and the customer pays at `providerUrl`; the order is PAID after that. Another EXTERNAL payment replaces one that is PENDING.
         */
        post: operations["payOrder"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/payments/webhook": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Receive the report of a payment provider
         * @description Signed as a Standard Webhook: `webhook-signature` is `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`. It is accepted only when it is signed and its time differs by at most 5 minutes. Repeats have one effect. The general limit counts unsigned requests, by address.
         */
        post: operations["reportPayment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Check that the process is alive */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Check that the process is ready for requests
         * @description 503 with the same body while PostgreSQL is down, the node drains, or its clock is wrong and those of other nodes are right. Kafka may be down. `clock` is down while the clock is more than 2 s from that of PostgreSQL.
         */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read Prometheus metrics */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/llms.txt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what this server is, as a text for language models */
        get: operations["getLlmsTxt"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs/{page}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read a page of the documentation in Markdown */
        get: operations["getGuide"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * @example {
         *       "apiKeyId": "7330011234567892",
         *       "name": "till",
         *       "prefix": "sk_stampede_7330011234567892",
         *       "scopes": [
         *         "coupons:issue"
         *       ],
         *       "createdAt": "2035-01-01T10:00:00.000Z",
         *       "expiresAt": null,
         *       "rateLimit": null,
         *       "lastUsedAt": null
         *     }
         */
        ApiKey: {
            apiKeyId: components["schemas"]["Id"];
            name: string;
            /** @description The first characters of the key */
            prefix: string;
            /** @description A key of an earlier version may list unknown scopes, which allow nothing */
            scopes: string[];
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description null = never
             */
            expiresAt: string | null;
            /**
             * Format: int64
             * @description Requests a minute; null = STAMPEDE_LIMIT_API_KEY
             */
            rateLimit: number | null;
            /**
             * Format: date-time
             * @description To the minute
             */
            lastUsedAt: string | null;
        };
        ApiKeyList: {
            apiKeys: components["schemas"]["ApiKey"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        /** @enum {string} */
        ApiKeyScope: "policies:read" | "policies:write" | "coupons:read" | "coupons:issue" | "coupons:use" | "points:read" | "points:charge" | "points:write" | "catalog:read" | "catalog:write" | "orders:read" | "orders:write" | "payments:refund" | "stores:read" | "stores:write" | "users:read" | "users:write" | "webhooks:write" | "statistics:read" | "admin";
        /**
         * @example {
         *       "couponId": "7330011234567891",
         *       "couponName": "Opening day, 3,000 won off",
         *       "discountType": "FIXED_AMOUNT",
         *       "discountValue": 3000,
         *       "maxDiscountAmount": null,
         *       "discountAmount": 3000
         *     }
         */
        AppliedCoupon: {
            couponId: components["schemas"]["Id"];
            couponName: string;
            discountType: components["schemas"]["DiscountType"];
            discountValue: number;
            /** Format: int64 */
            maxDiscountAmount: number | null;
            /** Format: int64 */
            discountAmount: number;
        };
        /**
         * @example {
         *       "auditId": "7330011234567899",
         *       "at": "2035-01-01T10:00:00.000Z",
         *       "actor": "user:42",
         *       "role": "ADMIN",
         *       "operation": "updateUser",
         *       "requestId": "0c7e6d2e-9a52-4c0f-8a39-5d4b8f6b7e11",
         *       "subject": "7330011234567890",
         *       "fields": [
         *         "status"
         *       ]
         *     }
         */
        AuditLine: {
            auditId: components["schemas"]["Id"];
            /** Format: date-time */
            at: string;
            /** @description user:<id>, key:<id> of an API key, or service:<id> of a machine with a token */
            actor: string;
            actorExternalId?: components["schemas"]["ExternalId"];
            /** @description The id of what was changed or created, or of the user whom it concerns */
            subject: string | null;
            subjectExternalId?: components["schemas"]["ExternalId"];
            role: string;
            /** @description The operationId in this document */
            operation: string;
            requestId: string;
            /** @description The fields of the request; their values are not stored */
            fields: string[];
        };
        AuditLineList: {
            lines: components["schemas"]["AuditLine"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        CancelCouponRequest: {
            reason?: string;
            /** @description Makes its place in maxIssueCount available again */
            returnStock?: boolean;
            /** @description Withdraws a reserved coupon, too */
            orderCancelled?: boolean;
        };
        CancelPointTransactionRequest: {
            transactionId: components["schemas"]["IdInput"];
            reason?: string & (unknown & unknown);
        };
        CartLine: {
            /** @description The store that sells it; null = the platform */
            storeId?: components["schemas"]["IdInput"] | null;
            productId?: components["schemas"]["IdInput"];
            /**
             * Format: int64
             * @description Price of all its units; smallest unit
             */
            amount: number;
        };
        /**
         * @example {
         *       "quotes": [
         *         {
         *           "couponId": "7330011234567891",
         *           "couponCode": null,
         *           "couponName": "Opening day, 3,000 won off",
         *           "discountType": "FIXED_AMOUNT",
         *           "discountValue": 3000,
         *           "minimumOrderAmount": 10000,
         *           "maxDiscountAmount": null,
         *           "storeId": null,
         *           "expiresAt": "2035-01-31T15:00:00.000Z",
         *           "discountAmount": 3000,
         *           "isBest": true,
         *           "reason": null
         *         },
         *         {
         *           "couponId": null,
         *           "couponCode": "7K3WQ-M9T2B-XR4Z",
         *           "couponName": null,
         *           "discountType": null,
         *           "discountValue": null,
         *           "minimumOrderAmount": null,
         *           "maxDiscountAmount": null,
         *           "storeId": null,
         *           "expiresAt": null,
         *           "discountAmount": 0,
         *           "isBest": false,
         *           "reason": {
         *             "code": "COUPON_CODE_NOT_FOUND",
         *             "title": "Coupon code not found",
         *             "detail": "No coupon is available for this code. Check its spelling."
         *           }
         *         }
         *       ],
         *       "hasMore": false
         *     }
         */
        CartQuote: {
            /** @description The best first */
            quotes: components["schemas"]["CouponQuote"][];
            /** @description The user has more coupons than were quoted: 500, those that expire first */
            hasMore: boolean;
        };
        ChangePasswordRequest: {
            /** Format: password */
            currentPassword: string;
            /**
             * Format: password
             * @description None of the most common passwords
             */
            newPassword: string;
        };
        ChargePointsRequest: {
            userId?: components["schemas"]["UserReferenceInput"];
            /** Format: int64 */
            amount: number;
            /**
             * @description How a customer pays: at the payment provider
             * @enum {string}
             */
            method?: "EXTERNAL";
        };
        CloneCouponPolicyRequest: {
            name?: string & (unknown & unknown);
            code?: string;
            validFrom?: components["schemas"]["Instant"];
            validUntil?: components["schemas"]["Instant"];
            /** @description Only where the policy has one */
            expireAt?: components["schemas"]["Instant"];
        };
        CompleteSandboxPaymentRequest: {
            /** @enum {string} */
            outcome: "APPROVE" | "DECLINE" | "APPROVE_LATER" | "APPROVE_TWICE";
        };
        ConfirmUnsubscriptionRequest: {
            "List-Unsubscribe"?: string;
        } & {
            [key: string]: unknown;
        };
        /**
         * @example {
         *       "couponId": "7330011234567891",
         *       "couponPolicyId": "7330011234567890",
         *       "userId": "1001",
         *       "couponCode": null,
         *       "status": "USED",
         *       "sequenceNo": 1,
         *       "issuedAt": "2035-01-01T01:00:00.123Z",
         *       "expiresAt": "2035-01-31T01:00:00.123Z",
         *       "reservedAt": null,
         *       "usedAt": "2035-01-02T01:00:00.123Z",
         *       "reservationId": null,
         *       "orderId": "order-5001"
         *     }
         */
        Coupon: {
            couponId: components["schemas"]["Id"];
            couponPolicyId: components["schemas"]["Id"];
            userId: components["schemas"]["Id"];
            externalId?: components["schemas"]["ExternalId"];
            couponCode: string | null;
            status: components["schemas"]["CouponStatus"];
            /** Format: int64 */
            sequenceNo: number;
            /** Format: date-time */
            issuedAt: string;
            /** Format: date-time */
            expiresAt: string;
            /** Format: date-time */
            reservedAt: string | null;
            /** Format: date-time */
            usedAt: string | null;
            reservationId: string | null;
            orderId: string | null;
        };
        /**
         * @example {
         *       "couponCode": "7K3WQ-M9T2B-XR4Z",
         *       "valid": true,
         *       "message": "A coupon can be had for this code."
         *     }
         */
        CouponCodeValidation: {
            couponCode: string;
            valid: boolean;
            message: string;
        };
        CouponList: {
            coupons: components["schemas"]["Coupon"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        /**
         * @example {
         *       "couponPolicyId": "7330011234567890",
         *       "name": "Opening day, 3,000 won off",
         *       "description": "For the first 10,000 customers",
         *       "discountType": "FIXED_AMOUNT",
         *       "discountValue": 3000,
         *       "minimumOrderAmount": 10000,
         *       "distributionType": "FIRST_COME",
         *       "maxIssueCount": 10000,
         *       "maxIssuePerUser": 1,
         *       "validDays": 30,
         *       "validFrom": "2035-01-01T01:00:00.000Z",
         *       "validUntil": "2039-12-31T15:00:00.000Z",
         *       "timezone": "Asia/Seoul",
         *       "maxDiscountAmount": null,
         *       "currentIssueCount": 0,
         *       "expireAt": null,
         *       "storeId": null,
         *       "status": "PENDING",
         *       "code": null,
         *       "triggerEventType": null,
         *       "restoreOnRefund": false,
         *       "version": 1,
         *       "suspended": false,
         *       "suspensionReason": null,
         *       "termsVersion": 1,
         *       "termsFloor": 1,
         *       "createdAt": "2034-12-20T02:00:00.000Z",
         *       "updatedAt": "2034-12-20T02:00:00.000Z"
         *     }
         */
        CouponPolicy: {
            couponPolicyId: components["schemas"]["Id"];
            name: string;
            description: string;
            discountType: components["schemas"]["DiscountType"];
            discountValue: number;
            /** Format: int64 */
            minimumOrderAmount: number;
            /** Format: int64 */
            maxDiscountAmount: number | null;
            distributionType: components["schemas"]["DistributionType"];
            /** Format: int64 */
            maxIssueCount: number | null;
            /** Format: int64 */
            currentIssueCount: number;
            /** Format: int64 */
            maxIssuePerUser: number;
            /** Format: int64 */
            validDays: number | null;
            /** Format: date-time */
            expireAt: string | null;
            /** Format: date-time */
            validFrom: string;
            /** Format: date-time */
            validUntil: string;
            storeId: components["schemas"]["Id"] | null;
            timezone: string;
            status: components["schemas"]["CouponPolicyStatus"];
            /** @description Nothing of it can be issued, reserved or used, whatever its status */
            suspended: boolean;
            code?: string | null;
            triggerEventType?: string | null;
            restoreOnRefund?: boolean;
            /**
             * Format: int64
             * @description for PUT; this and the fields before it are shown to ADMIN and the OWNER of its store
             */
            version?: number;
            /** @description null = not suspended */
            suspensionReason?: string | null;
            /**
             * Format: int64
             * @description of discount, minimum, cap and store; new coupons get it
             */
            termsVersion?: number;
            /**
             * Format: int64
             * @description coupons with an earlier version of the terms have this one
             */
            termsFloor?: number;
            /** Format: date-time */
            createdAt?: string;
            /** Format: date-time */
            updatedAt?: string;
        };
        CouponPolicyList: {
            policies: components["schemas"]["CouponPolicy"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        /**
         * @example {
         *       "couponPolicyId": "7330011234567890",
         *       "previousMaxIssueCount": 10000,
         *       "newMaxIssueCount": 12000,
         *       "currentIssuedCount": 10000,
         *       "remainingCount": 2000,
         *       "success": true
         *     }
         */
        CouponPolicyQuantity: {
            couponPolicyId: components["schemas"]["Id"];
            /** Format: int64 */
            previousMaxIssueCount: number | null;
            /** Format: int64 */
            newMaxIssueCount: number;
            /** Format: int64 */
            currentIssuedCount: number;
            /** Format: int64 */
            remainingCount: number;
            success: boolean;
        };
        /**
         * @example {
         *       "couponPolicyId": "7330011234567890",
         *       "issued": 120,
         *       "reserved": 2,
         *       "used": 38,
         *       "expired": 0,
         *       "cancelled": 1,
         *       "remaining": 9880,
         *       "usageRate": 31.66,
         *       "discountGiven": 114000,
         *       "byDay": [
         *         {
         *           "day": "2035-01-31",
         *           "issued": 120,
         *           "reserved": 45,
         *           "used": 40,
         *           "released": 3,
         *           "cancelled": 1,
         *           "expired": 0,
         *           "restored": 2,
         *           "discountGiven": 114000
         *         }
         *       ],
         *       "byHour": [
         *         {
         *           "hour": 10,
         *           "issued": 120,
         *           "reserved": 45,
         *           "used": 40,
         *           "released": 3,
         *           "cancelled": 1,
         *           "expired": 0,
         *           "restored": 2,
         *           "discountGiven": 114000
         *         }
         *       ]
         *     }
         */
        CouponPolicyStatistics: {
            couponPolicyId: components["schemas"]["Id"];
            /** Format: int64 */
            issued: number;
            /**
             * Format: int64
             * @description Currently reserved
             */
            reserved: number;
            /**
             * Format: int64
             * @description Used and not restored
             */
            used: number;
            /** Format: int64 */
            expired: number;
            /** Format: int64 */
            cancelled: number;
            /**
             * Format: int64
             * @description null = unlimited
             */
            remaining: number | null;
            /** @description Used coupons per issued ones, in percent with two decimals, rounded down */
            usageRate: number;
            /** Format: int64 */
            discountGiven: number;
            /** @description The latest 366 days with activity */
            byDay: components["schemas"]["DailyCounts"][];
            /** @description Over all days */
            byHour: components["schemas"]["HourlyCounts"][];
        };
        /** @enum {string} */
        CouponPolicyStatus: "PENDING" | "ACTIVE" | "PAUSED" | "EXHAUSTED" | "ENDED";
        CouponQuote: {
            /** @description null for a code */
            couponId: components["schemas"]["Id"] | null;
            /** @description The code as it was sent; null for a coupon */
            couponCode: string | null;
            couponName: string | null;
            discountType: components["schemas"]["DiscountType"] | null;
            discountValue: number | null;
            /** Format: int64 */
            minimumOrderAmount: number | null;
            /** Format: int64 */
            maxDiscountAmount: number | null;
            /** @description The store whose lines it discounts; null = all lines */
            storeId: components["schemas"]["Id"] | null;
            /** Format: date-time */
            expiresAt: string | null;
            /**
             * Format: int64
             * @description What it takes off the cart, smallest unit; 0 with a reason
             */
            discountAmount: number;
            /** @description Takes off the most; of equal ones it expires first */
            isBest: boolean;
            /** @description Why it takes nothing off, in the language of Accept-Language; null when it does */
            reason: components["schemas"]["QuoteReason"] | null;
        };
        /**
         * @example {
         *       "couponId": "7330011234567891",
         *       "couponPolicyId": "7330011234567890",
         *       "userId": "1001",
         *       "couponName": "Opening day, 3,000 won off",
         *       "couponCode": null,
         *       "discountType": "FIXED_AMOUNT",
         *       "discountValue": 3000,
         *       "minimumOrderAmount": 10000,
         *       "maxDiscountAmount": null,
         *       "status": "CANCELLED",
         *       "sequenceNo": 1,
         *       "issuedAt": "2035-01-01T01:00:00.123Z",
         *       "expiresAt": "2035-01-31T01:00:00.123Z",
         *       "reservedAt": null,
         *       "usedAt": null,
         *       "reservationId": null,
         *       "orderId": null,
         *       "storeId": "7330011234567000",
         *       "discountAmount": null,
         *       "history": [
         *         {
         *           "reason": null,
         *           "reservationId": null,
         *           "orderId": null,
         *           "discountAmount": null,
         *           "changedBy": null,
         *           "note": null,
         *           "kind": "ISSUED",
         *           "at": "2035-01-01T01:00:00.123Z"
         *         },
         *         {
         *           "reason": "WITHDRAWN",
         *           "reservationId": null,
         *           "orderId": null,
         *           "discountAmount": null,
         *           "changedBy": "ADMIN 42",
         *           "note": "Issued by mistake",
         *           "kind": "CANCELLED",
         *           "at": "2035-01-02T01:00:00.123Z"
         *         }
         *       ],
         *       "hasEarlierSteps": false
         *     }
         */
        CouponRecord: {
            /** @description Of its policy; null = of the platform */
            storeId: components["schemas"]["Id"] | null;
            /**
             * Format: int64
             * @description What it took off, while it is USED
             */
            discountAmount: number | null;
            /** @description Its issue and the latest 200 steps, the oldest first */
            history: components["schemas"]["CouponStep"][];
            /** @description There were steps between the issue and the first one shown */
            hasEarlierSteps: boolean;
        } & components["schemas"]["UserCoupon"];
        /** @enum {string} */
        CouponStatus: "ISSUED" | "RESERVED" | "USED" | "EXPIRED" | "CANCELLED";
        CouponStep: {
            /** @enum {string} */
            kind: "ISSUED" | "RESERVED" | "EXTENDED" | "RELEASED" | "USED" | "CANCELLED" | "EXPIRED" | "RESTORED";
            /** Format: date-time */
            at: string;
            /** @description RELEASED, TIMEOUT, PAYMENT_FAILED, WITHDRAWN or REFUNDED, where there can be several */
            reason: string | null;
            reservationId: string | null;
            orderId: string | null;
            /**
             * Format: int64
             * @description RESERVED and USED: the discount. RESTORED: the one that no longer applies
             */
            discountAmount: number | null;
            /**
             * @description Role and id of who did it by hand; null for the owner of the coupon
             * @example ADMIN 42
             */
            changedBy: string | null;
            changedByExternalId?: components["schemas"]["ExternalId"];
            /** @description Of who did it by hand; null for the owner of the coupon */
            note: string | null;
        };
        /**
         * @example {
         *       "couponPolicyId": "7330011234567890",
         *       "remainingStock": 9999,
         *       "available": true
         *     }
         */
        CouponStock: {
            couponPolicyId: components["schemas"]["Id"];
            /**
             * Format: int64
             * @description null = unlimited
             */
            remainingStock: number | null;
            available: boolean;
        };
        CreateApiKeyRequest: {
            name: string & (unknown & unknown);
            /** @default [] */
            scopes?: components["schemas"]["ApiKeyScope"][];
            /** @description Requests a minute; left out: STAMPEDE_LIMIT_API_KEY */
            rateLimit?: number;
            /** @description The key is refused from this time on; left out: never */
            expiresAt?: components["schemas"]["Instant"];
        };
        CreateCouponPolicyRequest: {
            name: string & (unknown & unknown);
            /** @default  */
            description?: string;
            /** @description Typed in any case and with any separators. The code of a policy that has ended may be taken again */
            code?: string | null;
            discountType: components["schemas"]["DiscountType"];
            /** @description FIXED_AMOUNT: the amount, an integer. PERCENTAGE: above 0, at most 100, at most two decimals. */
            discountValue: number;
            /** Format: int64 */
            minimumOrderAmount?: number;
            /**
             * Format: int64
             * @description PERCENTAGE only
             */
            maxDiscountAmount?: number | null;
            distributionType: components["schemas"]["DistributionType"];
            /** @description null = unlimited */
            maxIssueCount?: number | null;
            /** @default 1 */
            maxIssuePerUser?: number;
            /** @description exactly one of validDays and expireAt */
            validDays?: number | null;
            expireAt?: components["schemas"]["Instant"] | null;
            validFrom: components["schemas"]["Instant"];
            validUntil: components["schemas"]["Instant"];
            /** @description null = platform wide, for ADMIN only */
            storeId?: components["schemas"]["IdInput"] | null;
            /**
             * @description IANA; absent: that of the shop (STAMPEDE_TIME_ZONE)
             * @default Asia/Seoul
             */
            timezone?: string;
            /** @description EVENT only */
            triggerEventType?: string | null;
            /** @default false */
            restoreOnRefund?: boolean;
            /**
             * Format: int64
             * @description ignored
             */
            termsVersion?: number;
            /**
             * Format: int64
             * @description ignored
             */
            termsFloor?: number;
            /** @description ignored */
            suspended?: boolean;
            /** @description ignored */
            suspensionReason?: string | null;
        };
        CreateNotificationJobRequest: {
            audience: components["schemas"]["NotificationAudience"];
            /**
             * @description MARKETING needs the consent of users outside the inbox
             * @enum {string}
             */
            class: "MARKETING" | "TRANSACTIONAL";
            ko: components["schemas"]["NotificationText"];
            en: components["schemas"]["NotificationText"];
            /**
             * @description Where the reader can see more: a path such as /stores/42
             * @default /
             */
            path?: string;
            /** @description Absent or in the past = at once. For an OWNER at most 30 days from now */
            startsAt?: components["schemas"]["Instant"];
        };
        CreateProductRequest: {
            name: string & (unknown & unknown);
            /** @default  */
            description?: string;
            price: number;
            stock: number;
            /** @description The store that sells it; null = the platform */
            storeId?: components["schemas"]["IdInput"] | null;
        };
        CreateStoreRequest: {
            name: string & (unknown & unknown);
            category: string & (unknown & unknown);
            /** @default  */
            description?: string;
            /** @default  */
            address?: string;
            /** @default null */
            location?: components["schemas"]["Location"] | null;
            /** @default [] */
            images?: string[];
            /** @default [] */
            openingHours?: components["schemas"]["OpeningHours"][];
            /**
             * @description PENDING: not listed until it is opened
             * @default OPEN
             * @enum {string}
             */
            status?: "PENDING" | "OPEN";
            /** @description ADMIN only; absent = the caller */
            ownerId?: components["schemas"]["UserReferenceInput"];
        };
        CreateTimeSaleRequest: {
            productId: components["schemas"]["IdInput"];
            /** @description At most the product's price */
            salePrice: number;
            /** @description Moved from the product's stock */
            quantity: number;
            /**
             * @description Units that one user may have, unpaid ones included
             * @default 1
             */
            limitPerUser?: number;
            startsAt: components["schemas"]["Instant"];
            /** @description The end, exclusive */
            endsAt: components["schemas"]["Instant"];
        };
        CreateWebhookRequest: {
            /** @description https; http only for hosts that the operator has allowed */
            url: string;
            /** @description Names of events, such as order.paid, or * for all, also those of later versions */
            topics: string[];
            /**
             * @description For people
             * @default
             */
            description?: string;
            /** @default true */
            enabled?: boolean;
        };
        /** @description ISO 4217, of the time of the order or charge; amounts are in its smallest unit */
        Currency: string;
        DailyCounts: {
            /** @description YYYY-MM-DD in the policy's time zone */
            day: string;
            /** Format: int64 */
            issued: number;
            /** Format: int64 */
            reserved: number;
            /**
             * Format: int64
             * @description Uses, including those of coupons that were restored later
             */
            used: number;
            /**
             * Format: int64
             * @description Reservations that ended without use
             */
            released: number;
            /** Format: int64 */
            cancelled: number;
            /** Format: int64 */
            expired: number;
            /** Format: int64 */
            restored: number;
            /**
             * Format: int64
             * @description Discount of all uses, less that of restored coupons
             */
            discountGiven: number;
        };
        /**
         * @example {
         *       "couponPolicyId": "7330011234567890",
         *       "storeId": null,
         *       "day": "2035-01-31",
         *       "issued": 120,
         *       "reserved": 45,
         *       "used": 40,
         *       "released": 3,
         *       "cancelled": 1,
         *       "expired": 0,
         *       "restored": 2,
         *       "discountGiven": 114000,
         *       "byHour": [
         *         {
         *           "hour": 10,
         *           "issued": 120,
         *           "reserved": 45,
         *           "used": 40,
         *           "released": 3,
         *           "cancelled": 1,
         *           "expired": 0,
         *           "restored": 2,
         *           "discountGiven": 114000
         *         }
         *       ]
         *     }
         */
        DailyStatistics: {
            couponPolicyId: components["schemas"]["Id"];
            storeId: components["schemas"]["Id"] | null;
            byHour: components["schemas"]["HourlyCounts"][];
        } & components["schemas"]["DailyCounts"];
        DailyStatisticsList: {
            days: components["schemas"]["DailyStatistics"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        /**
         * @example {
         *       "totalRequested": 2,
         *       "successCount": 1,
         *       "failureCount": 1,
         *       "results": [
         *         {
         *           "userId": "42",
         *           "couponId": "7330011234567892",
         *           "status": "ISSUED",
         *           "code": null
         *         },
         *         {
         *           "userId": "43",
         *           "couponId": "7330011234560001",
         *           "status": "REFUSED",
         *           "code": "COUPON_ALREADY_ISSUED"
         *         }
         *       ]
         *     }
         */
        DirectIssue: {
            /** Format: int64 */
            totalRequested: number;
            /** Format: int64 */
            successCount: number;
            /** Format: int64 */
            failureCount: number;
            /** @description One for each user id, in their order */
            results: components["schemas"]["DirectIssueResult"][];
        };
        DirectIssueResult: {
            userId: components["schemas"]["Id"];
            externalId?: components["schemas"]["ExternalId"];
            /** @description The coupon that the user has, issued now or earlier */
            couponId: components["schemas"]["Id"] | null;
            /** @enum {string} */
            status: "ISSUED" | "REFUSED";
            /** @description REFUSED: the reason, an error code */
            code: string | null;
        };
        /** @enum {string} */
        DiscountType: "FIXED_AMOUNT" | "PERCENTAGE";
        /** @enum {string} */
        DistributionType: "CODE" | "DOWNLOAD" | "FIRST_COME" | "EVENT" | "DIRECT";
        DownloadCouponRequest: {
            /** @example 7K3WQ-M9T2B-XR4Z */
            couponCode: string;
            userId?: components["schemas"]["UserReferenceInput"];
        };
        /**
         * @example {
         *       "couponId": "7330011234567891",
         *       "couponName": "Opening day, 3,000 won off",
         *       "discountType": "FIXED_AMOUNT",
         *       "discountValue": 3000,
         *       "status": "ISSUED",
         *       "expiryDate": "2035-01-31T15:00:00.000Z",
         *       "issuedAt": "2035-01-01T01:00:00.123Z"
         *     }
         */
        DownloadedCoupon: {
            couponId: components["schemas"]["Id"];
            couponName: string;
            discountType: components["schemas"]["DiscountType"];
            discountValue: number;
            /** @enum {string} */
            status: "ISSUED";
            /** Format: date-time */
            expiryDate: string;
            /** Format: date-time */
            issuedAt: string;
        };
        /**
         * @example {
         *       "total": 1000,
         *       "failed": 1,
         *       "errors": [
         *         {
         *           "row": 17,
         *           "line": "CARD-1",
         *           "code": "VALIDATION_FAILED"
         *         }
         *       ]
         *     }
         */
        DryRun: {
            /**
             * Format: int64
             * @description Rows of the file
             */
            total: number;
            /**
             * Format: int64
             * @description Rows that would fail
             */
            failed: number;
            /** @description The first 100 of them */
            errors: components["schemas"]["JobError"][];
        };
        EarnPointsRequest: {
            userId: components["schemas"]["UserReferenceInput"];
            /** Format: int64 */
            amount: number;
            reason: string & (unknown & unknown);
            /** @description The points expire at this time; absent: never */
            expiresAt?: components["schemas"]["Instant"];
            /** @description The points can be used from this time on; absent: at once */
            availableAt?: components["schemas"]["Instant"];
        };
        EmptyRequest: Record<string, never>;
        EndIssuerSessionsRequest: {
            logout_token: string;
        } & {
            [key: string]: string;
        };
        /** @example {} */
        EndIssuerSessionsResponse: Record<string, never>;
        /**
         * @example {
         *       "coupons": [
         *         {
         *           "couponId": "7330011234567891",
         *           "couponPolicyId": "7330011234567890",
         *           "userId": "1001",
         *           "couponName": "Opening day, 3,000 won off",
         *           "couponCode": null,
         *           "discountType": "FIXED_AMOUNT",
         *           "discountValue": 3000,
         *           "minimumOrderAmount": 10000,
         *           "maxDiscountAmount": null,
         *           "status": "ISSUED",
         *           "sequenceNo": 1,
         *           "issuedAt": "2035-01-01T01:00:00.123Z",
         *           "expiresAt": "2035-01-31T01:00:00.123Z",
         *           "reservedAt": null,
         *           "usedAt": null,
         *           "reservationId": null,
         *           "orderId": null
         *         }
         *       ]
         *     }
         */
        ExpiringCouponList: {
            coupons: components["schemas"]["UserCoupon"][];
        };
        ExpiringPoints: {
            /** Format: int64 */
            amount: number;
            /** Format: date-time */
            expiresAt: string;
        };
        /** @description For ADMIN and SERVICE, of a user of another issuer: ext:<issuer name>:<subject> */
        ExternalId: string;
        FieldError: {
            /** @description Where it is, with dots: `items.0.quantity` */
            field: string;
            code: string;
            /** @description In the language of Accept-Language */
            message: string;
        };
        GenerateCouponCodesRequest: {
            count: number;
            /** @description The start of every code */
            prefix?: string;
            /** @description A # for each symbol, with -, _ or spaces between them; default #####-#####-#### */
            pattern?: string;
            /** @description The symbols of random codes, all different; default: digits and capitals without I, L, O and U */
            charset?: string;
        };
        /**
         * @example {
         *       "status": "ok"
         *     }
         */
        Health: {
            /** @enum {string} */
            status: "ok";
        };
        HourlyCounts: {
            hour: number;
            /** Format: int64 */
            issued: number;
            /** Format: int64 */
            reserved: number;
            /**
             * Format: int64
             * @description Uses, including those of coupons that were restored later
             */
            used: number;
            /**
             * Format: int64
             * @description Reservations that ended without use
             */
            released: number;
            /** Format: int64 */
            cancelled: number;
            /** Format: int64 */
            expired: number;
            /** Format: int64 */
            restored: number;
            /**
             * Format: int64
             * @description Discount of all uses, less that of restored coupons
             */
            discountGiven: number;
        };
        /** @description 64-bit, decimal */
        Id: string;
        /** @description As a string, or as a number that JSON represents exactly */
        IdInput: components["schemas"]["Id"] | number;
        ImageUpload: {
            /**
             * Format: binary
             * @description A JPEG, PNG or WebP of at most 5 MB and 30 million pixels, by its content
             */
            image: string;
        };
        /**
         * Format: date-time
         * @description With an offset (RFC 3339), in the years 1970 to 9999
         */
        Instant: string;
        IssueCouponByPolicyIdRequest: {
            policyId: components["schemas"]["IdInput"];
            userId?: components["schemas"]["UserReferenceInput"];
        };
        IssueCouponRequest: {
            userId?: components["schemas"]["UserReferenceInput"];
        };
        IssueCouponsToUsersRequest: {
            couponPolicyId: components["schemas"]["IdInput"];
            userIds: components["schemas"]["UserReferenceInput"][];
            /** @description Who issues, for the record */
            issuedBy: string & (unknown & unknown);
        };
        /**
         * @example {
         *       "couponId": "7330011234567891",
         *       "couponPolicyId": "7330011234567890",
         *       "userId": "1001",
         *       "status": "ISSUED",
         *       "sequenceNo": 1,
         *       "issuedAt": "2035-01-01T01:00:00.123Z",
         *       "expiresAt": "2035-01-31T01:00:00.123Z"
         *     }
         */
        IssuedCoupon: {
            couponId: components["schemas"]["Id"];
            couponPolicyId: components["schemas"]["Id"];
            userId: components["schemas"]["Id"];
            externalId?: components["schemas"]["ExternalId"];
            status: components["schemas"]["CouponStatus"];
            /** Format: int64 */
            sequenceNo: number;
            /** Format: date-time */
            issuedAt: string;
            /** Format: date-time */
            expiresAt: string;
        };
        /**
         * @example {
         *       "jobId": "7330011234567893",
         *       "kind": "DIRECT_ISSUE",
         *       "couponPolicyId": "7330011234567890",
         *       "status": "RUNNING",
         *       "total": 1000000,
         *       "done": 250000,
         *       "failed": 12,
         *       "error": null,
         *       "createdAt": "2035-01-01T01:00:00.123Z",
         *       "startedAt": "2035-01-01T01:00:12.000Z",
         *       "finishedAt": null,
         *       "estimatedFinishAt": "2035-01-01T01:00:52.000Z"
         *     }
         */
        Job: {
            jobId: components["schemas"]["Id"];
            /** @enum {string} */
            kind: "GENERATE_CODES" | "IMPORT_CODES" | "DIRECT_ISSUE" | "WITHDRAW_COUPONS";
            couponPolicyId: components["schemas"]["Id"];
            /** @enum {string} */
            status: "OPEN" | "QUEUED" | "RUNNING" | "DONE" | "FAILED";
            /** Format: int64 */
            total: number;
            /**
             * Format: int64
             * @description Processed rows, of `total`
             */
            done: number;
            /**
             * Format: int64
             * @description Processed rows that failed
             */
            failed: number;
            /** @description FAILED: the reason */
            error: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            startedAt: string | null;
            /** Format: date-time */
            finishedAt: string | null;
            /**
             * Format: date-time
             * @description RUNNING: estimated from the speed so far
             */
            estimatedFinishAt: string | null;
        };
        /**
         * @example {
         *       "row": 17,
         *       "line": "42",
         *       "code": "COUPON_ALREADY_ISSUED"
         *     }
         */
        JobError: {
            /**
             * Format: int64
             * @description 1 = the first line of data; a header and blank lines do not count
             */
            row: number;
            line: string;
            /** @description An error code */
            code: string;
        };
        JobErrorList: {
            errors: components["schemas"]["JobError"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        LiftSuppressionRequest: {
            email: string;
        };
        Location: {
            /** @description Degrees */
            lat: number;
            /** @description Degrees */
            lng: number;
        };
        LogInUserRequest: {
            /** Format: email */
            email: string;
            /** Format: password */
            password: string;
        };
        MailAddressRequest: {
            /** Format: email */
            email: string;
        };
        MailEvent: {
            /**
             * @example HARD_BOUNCE
             * @example COMPLAINT
             * @example SOFT_BOUNCE
             * @example DELIVERED
             */
            kind: string;
            email: string;
            messageId?: string | null;
        };
        /**
         * @example {
         *       "taken": 1
         *     }
         */
        MailEventsReceipt: {
            /**
             * Format: int64
             * @description How many of the events ended mail to an address. The others need nothing.
             */
            taken: number;
        };
        /**
         * @example {
         *       "email": "ada@example.com"
         *     }
         */
        MailRequested: {
            /** @description As it is stored. A mail that says how to go on is sent when the address has an account for it; no response shows whether it has. */
            email: string;
        };
        MailTokenRequest: {
            /** @description From the link in the mail */
            token: string;
        };
        /**
         * @example {
         *       "storeId": "7330011234567000",
         *       "ownerId": "42",
         *       "name": "Cafe Sol",
         *       "category": "CAFE",
         *       "description": "Roasts its own beans",
         *       "address": "12 Seongsui-ro, Seongdong-gu, Seoul",
         *       "location": {
         *         "lat": 37.5446,
         *         "lng": 127.0559
         *       },
         *       "images": [
         *         "https://images.example.com/sol/front.jpg"
         *       ],
         *       "uploadedImages": [],
         *       "openingHours": [
         *         {
         *           "day": "MONDAY",
         *           "opens": "08:00",
         *           "closes": "22:00"
         *         }
         *       ],
         *       "status": "OPEN",
         *       "followers": 1204,
         *       "version": 1,
         *       "createdAt": "2034-12-20T02:00:00.000Z",
         *       "updatedAt": "2034-12-20T02:00:00.000Z",
         *       "staff": [
         *         "43"
         *       ]
         *     }
         */
        ManagedStore: {
            /** @description Users who may use coupons at its counter; shown to ADMIN and the OWNER of it */
            staff?: components["schemas"]["Id"][];
            /** @description For ADMIN and SERVICE: the external ids of those who have one, by their ids */
            staffExternalIds?: {
                [key: string]: string;
            };
        } & components["schemas"]["Store"];
        /**
         * @example {
         *       "userId": "7330011234567890",
         *       "email": "ada@example.com",
         *       "name": "Ada",
         *       "role": "CUSTOMER",
         *       "marketingConsent": false,
         *       "language": "en",
         *       "profileImageUrl": null,
         *       "emailVerified": true,
         *       "createdAt": "2035-01-01T10:00:00.000Z",
         *       "status": "ACTIVE"
         *     }
         */
        ManagedUser: {
            /** @enum {string} */
            status: "ACTIVE" | "LOCKED" | "DELETED";
        } & components["schemas"]["User"];
        /**
         * @example {
         *       "apiKeyId": "7330011234567892",
         *       "name": "till",
         *       "prefix": "sk_stampede_7330011234567892",
         *       "scopes": [
         *         "coupons:issue"
         *       ],
         *       "createdAt": "2035-01-01T10:00:00.000Z",
         *       "expiresAt": null,
         *       "rateLimit": null,
         *       "lastUsedAt": null,
         *       "secret": "sk_stampede_7330011234567892_…"
         *     }
         */
        NewApiKey: {
            /** @description The key. It is shown only here; absent in a replay */
            secret?: string;
        } & components["schemas"]["ApiKey"];
        NewOrderItem: {
            productId: components["schemas"]["IdInput"];
            timeSaleId?: components["schemas"]["IdInput"];
            quantity: number;
        };
        NewRefundItem: {
            line: number;
            quantity: number;
        };
        Notification: {
            notificationId: components["schemas"]["Id"];
            kind: components["schemas"]["NotificationKind"];
            /** @description Plain text. Names in it are as users wrote them */
            title: string;
            body: string;
            /** @description Where there is more to see */
            path: string;
            /** @description What the texts are made of */
            data: {
                [key: string]: string;
            };
            read: boolean;
            /** Format: date-time */
            createdAt: string;
        };
        NotificationAudience: components["schemas"]["StoreFollowersAudience"] | components["schemas"]["PolicyFollowersAudience"] | components["schemas"]["PolicyHoldersAudience"] | components["schemas"]["UsersAudience"];
        /** @enum {string} */
        NotificationChannel: "INBOX" | "EMAIL" | "PUSH";
        /**
         * @example {
         *       "jobId": "7330011234567895",
         *       "audience": {
         *         "type": "STORE_FOLLOWERS",
         *         "id": "7330011234567000"
         *       },
         *       "kind": "ANNOUNCEMENT",
         *       "subject": "7330011234567895",
         *       "status": "RUNNING",
         *       "total": 1000000,
         *       "done": 250000,
         *       "written": 249990,
         *       "unknown": 0,
         *       "error": null,
         *       "startsAt": "2035-01-01T01:00:00.000Z",
         *       "createdAt": "2035-01-01T01:00:00.000Z",
         *       "startedAt": "2035-01-01T01:00:00.050Z",
         *       "finishedAt": null
         *     }
         */
        NotificationJob: {
            jobId: components["schemas"]["Id"];
            audience: components["schemas"]["NotificationJobAudience"];
            kind: components["schemas"]["NotificationKind"];
            subject: string;
            /**
             * @description OPEN: waits for its list of users. QUEUED: waits for `startsAt`, or for its policy to resume
             * @enum {string}
             */
            status: "OPEN" | "QUEUED" | "RUNNING" | "DONE" | "FAILED" | "CANCELLED";
            /**
             * Format: int64
             * @description Users; an estimate until the end
             */
            total: number;
            /**
             * Format: int64
             * @description Users who were reached, of `total`
             */
            done: number;
            /**
             * Format: int64
             * @description Notices: who has it already, or has deleted the account, gets none
             */
            written: number;
            /**
             * Format: int64
             * @description Users of an uploaded list, of `done`, who have no account here: those of a shop with users of its own, or mistakes
             */
            unknown: number;
            /** @description FAILED, or CANCELLED because the policy or the store did not open: the reason */
            error: string | null;
            /** Format: date-time */
            startsAt: string;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            startedAt: string | null;
            /** Format: date-time */
            finishedAt: string | null;
        };
        NotificationJobAudience: {
            /** @enum {string} */
            type: "STORE_FOLLOWERS" | "POLICY_FOLLOWERS" | "POLICY_HOLDERS" | "USERS";
            /** @description The store or policy; null for a list of users */
            id: components["schemas"]["Id"] | null;
        };
        NotificationJobList: {
            jobs: components["schemas"]["NotificationJob"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        /** @enum {string} */
        NotificationKind: "COUPON_ISSUED" | "STORE_COUPON_OPENED" | "POLICY_OPENING" | "POLICY_OPENED" | "COUPON_EXPIRING" | "POINTS_EXPIRING" | "POINTS_CREDITED" | "ORDER_PAID" | "ORDER_EXPIRED" | "ORDER_REFUNDED" | "WEBHOOK_DISABLED" | "ANNOUNCEMENT";
        /**
         * @example {
         *       "notifications": [
         *         {
         *           "notificationId": "7330011234567899",
         *           "kind": "COUPON_ISSUED",
         *           "title": "You got a coupon",
         *           "body": "Opening day · use it before 1 Feb 2035, 00:00",
         *           "path": "/coupons/7330011234567890",
         *           "data": {
         *             "couponId": "7330011234567890",
         *             "policyId": "7330011234560000",
         *             "couponName": "Opening day",
         *             "expiresAt": "2035-01-31T15:00:00.000Z"
         *           },
         *           "read": false,
         *           "createdAt": "2035-01-01T01:00:01.000Z"
         *         }
         *       ],
         *       "nextCursor": null,
         *       "hasMore": false,
         *       "unreadCount": 1
         *     }
         */
        NotificationList: {
            notifications: components["schemas"]["Notification"][];
            nextCursor: string | null;
            hasMore: boolean;
            /** Format: int64 */
            unreadCount: number;
        };
        NotificationPreference: {
            kind: components["schemas"]["NotificationKind"];
            channel: components["schemas"]["NotificationChannel"];
            enabled: boolean;
        };
        /**
         * @example {
         *       "preferences": [
         *         {
         *           "kind": "STORE_COUPON_OPENED",
         *           "channel": "EMAIL",
         *           "enabled": false
         *         }
         *       ],
         *       "language": "ko",
         *       "timezone": "Asia/Seoul",
         *       "expiryDays": [
         *         3,
         *         1
         *       ],
         *       "quietHours": {
         *         "from": "22:00",
         *         "until": "07:00"
         *       }
         *     }
         */
        NotificationPreferences: {
            /** @description Each kind with each channel */
            preferences: components["schemas"]["NotificationPreference"][];
            /** @enum {string|null} */
            language: "en" | "ko" | null;
            timezone: string | null;
            expiryDays: (7 | 3 | 1)[];
            quietHours: components["schemas"]["QuietHours"] | null;
        };
        /**
         * @example {
         *       "ko": {
         *         "title": "주말 행사",
         *         "body": "토요일부터 모든 음료가 10% 할인됩니다."
         *       },
         *       "en": {
         *         "title": "Weekend",
         *         "body": "All drinks are 10% off from Saturday on."
         *       },
         *       "path": "/stores/7330011234567000",
         *       "size": 1000000
         *     }
         */
        NotificationPreview: {
            ko: components["schemas"]["PreviewedText"];
            en: components["schemas"]["PreviewedText"];
            path: string;
            /**
             * Format: int64
             * @description Users of the audience now; 0 for a list, which is uploaded later
             */
            size: number;
        };
        NotificationText: {
            /** @description One line */
            title: string & (unknown & unknown);
            /** @description One line of plain text: no line breaks */
            body: string & (unknown & unknown);
        };
        OpeningHours: {
            /** @enum {string} */
            day: "MONDAY" | "TUESDAY" | "WEDNESDAY" | "THURSDAY" | "FRIDAY" | "SATURDAY" | "SUNDAY";
            opens: string;
            /** @description Not after `opens` when the store closes on the next day */
            closes: string;
        };
        /**
         * @example {
         *       "orderId": "7330011234567895",
         *       "userId": "1001",
         *       "status": "RESERVED",
         *       "items": [
         *         {
         *           "line": 1,
         *           "productId": "7330011234567893",
         *           "timeSaleId": null,
         *           "productName": "Drip coffee, 20 bags",
         *           "storeId": null,
         *           "quantity": 2,
         *           "unitPrice": 15000,
         *           "couponDiscount": 3000,
         *           "pointsUsed": 500,
         *           "refundedQuantity": 0
         *         }
         *       ],
         *       "couponId": "7330011234567891",
         *       "currency": "KRW",
         *       "subtotal": 30000,
         *       "couponDiscount": 3000,
         *       "pointsUsed": 500,
         *       "total": 26500,
         *       "refundedAmount": 0,
         *       "refundedPoints": 0,
         *       "createdAt": "2035-01-01T01:00:00.123Z",
         *       "expiresAt": "2035-01-01T01:10:00.123Z",
         *       "paidAt": null,
         *       "endedAt": null,
         *       "failure": null
         *     }
         */
        Order: {
            orderId: components["schemas"]["Id"];
            userId: components["schemas"]["Id"];
            externalId?: components["schemas"]["ExternalId"];
            status: components["schemas"]["OrderStatus"];
            items: components["schemas"]["OrderItem"][];
            couponId: components["schemas"]["Id"] | null;
            currency: components["schemas"]["Currency"];
            /** Format: int64 */
            subtotal: number;
            /** Format: int64 */
            couponDiscount: number;
            /** Format: int64 */
            pointsUsed: number;
            /**
             * Format: int64
             * @description To pay: subtotal - couponDiscount - pointsUsed
             */
            total: number;
            /** Format: int64 */
            refundedAmount: number;
            /** Format: int64 */
            refundedPoints: number;
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description The time at which an unpaid order ends
             */
            expiresAt: string;
            /** Format: date-time */
            paidAt: string | null;
            /**
             * Format: date-time
             * @description CANCELLED, EXPIRED and FAILED: the time of the end
             */
            endedAt: string | null;
            /** @description FAILED: the reason, a problem code */
            failure: components["schemas"]["OrderFailure"] | null;
        };
        OrderFailure: {
            code: string;
            details: {
                [key: string]: string;
            };
        };
        OrderItem: {
            /** Format: int64 */
            line: number;
            productId: components["schemas"]["Id"];
            timeSaleId: components["schemas"]["Id"] | null;
            productName: string;
            /** @description The store that sold it; null = the platform */
            storeId: components["schemas"]["Id"] | null;
            /** Format: int64 */
            quantity: number;
            /**
             * Format: int64
             * @description Fixed when the order was placed
             */
            unitPrice: number;
            /**
             * Format: int64
             * @description Its share of the order’s amount
             */
            couponDiscount: number;
            /**
             * Format: int64
             * @description Its share of the order’s amount
             */
            pointsUsed: number;
            /** Format: int64 */
            refundedQuantity: number;
        };
        OrderList: {
            orders: components["schemas"]["Order"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        /** @enum {string} */
        OrderStatus: "PENDING" | "RESERVED" | "PAID" | "REFUNDED" | "CANCELLED" | "EXPIRED" | "FAILED";
        PayOrderRequest: {
            orderId: components["schemas"]["IdInput"];
            method: components["schemas"]["PaymentMethod"];
            userId?: components["schemas"]["UserReferenceInput"];
        };
        /**
         * @example {
         *       "paymentId": "7330011234567896",
         *       "orderId": "7330011234567895",
         *       "method": "POINTS",
         *       "currency": "KRW",
         *       "amount": 26500,
         *       "status": "COMPLETED",
         *       "providerUrl": null,
         *       "userId": "1001",
         *       "failure": null,
         *       "createdAt": "2035-01-01T01:02:00.123Z",
         *       "settledAt": "2035-01-01T01:02:00.456Z"
         *     }
         */
        Payment: {
            paymentId: components["schemas"]["Id"];
            orderId: components["schemas"]["Id"];
            method: components["schemas"]["PaymentMethod"];
            currency: components["schemas"]["Currency"];
            /** Format: int64 */
            amount: number;
            /** @enum {string} */
            status: "PENDING" | "COMPLETED" | "FAILED" | "REFUNDED";
            /** @description EXTERNAL and PENDING: where the customer pays */
            providerUrl: string | null;
            userId: components["schemas"]["Id"];
            externalId?: components["schemas"]["ExternalId"];
            /** @description FAILED: the reason, a problem code */
            failure: components["schemas"]["OrderFailure"] | null;
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description When it stopped being PENDING
             */
            settledAt: string | null;
        };
        PaymentList: {
            payments: components["schemas"]["Payment"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        /** @enum {string} */
        PaymentMethod: "POINTS" | "EXTERNAL";
        /**
         * @example {
         *       "taken": true
         *     }
         */
        PaymentReportReceipt: {
            /** @description false: the payment is unknown here; do not send the report again */
            taken: boolean;
        };
        /**
         * @example {
         *       "paymentId": "7330011234567896",
         *       "orderId": "7330011234567895",
         *       "method": "POINTS",
         *       "currency": "KRW",
         *       "amount": 26500,
         *       "status": "COMPLETED",
         *       "providerUrl": null,
         *       "order": {
         *         "orderId": "7330011234567895",
         *         "userId": "1001",
         *         "status": "PAID",
         *         "items": [
         *           {
         *             "line": 1,
         *             "productId": "7330011234567893",
         *             "timeSaleId": null,
         *             "productName": "Drip coffee, 20 bags",
         *             "storeId": null,
         *             "quantity": 2,
         *             "unitPrice": 15000,
         *             "couponDiscount": 3000,
         *             "pointsUsed": 500,
         *             "refundedQuantity": 0
         *           }
         *         ],
         *         "couponId": "7330011234567891",
         *         "currency": "KRW",
         *         "subtotal": 30000,
         *         "couponDiscount": 3000,
         *         "pointsUsed": 500,
         *         "total": 26500,
         *         "refundedAmount": 0,
         *         "refundedPoints": 0,
         *         "createdAt": "2035-01-01T01:00:00.123Z",
         *         "expiresAt": "2035-01-01T01:10:00.123Z",
         *         "paidAt": "2035-01-01T01:02:00.456Z",
         *         "endedAt": null,
         *         "failure": null
         *       }
         *     }
         */
        PaymentResult: {
            paymentId: components["schemas"]["Id"];
            orderId: components["schemas"]["Id"];
            method: components["schemas"]["PaymentMethod"];
            currency: components["schemas"]["Currency"];
            /** Format: int64 */
            amount: number;
            /** @enum {string} */
            status: "PENDING" | "COMPLETED" | "FAILED" | "REFUNDED";
            /** @description EXTERNAL and PENDING: where the customer pays */
            providerUrl: string | null;
            order: components["schemas"]["Order"];
        };
        PlaceOrderRequest: {
            items: components["schemas"]["NewOrderItem"][];
            userId?: components["schemas"]["UserReferenceInput"];
            couponId?: components["schemas"]["IdInput"];
            /**
             * Format: int64
             * @description The most points to use; no more are used than there is to pay
             */
            usePoints?: number;
            /**
             * Format: int64
             * @description Refused with PRICE_CHANGED when the total differs
             */
            expectedTotal?: number;
        };
        PlaceTimeSaleOrderRequest: {
            quantity: number;
            userId?: components["schemas"]["UserReferenceInput"];
            couponId?: components["schemas"]["IdInput"];
            /**
             * Format: int64
             * @description The most points to use; no more are used than there is to pay
             */
            usePoints?: number;
            /**
             * Format: int64
             * @description Refused with PRICE_CHANGED when the total differs
             */
            expectedTotal?: number;
        };
        /**
         * @example {
         *       "userId": "1001",
         *       "balance": 12500,
         *       "available": 12000,
         *       "pending": 500,
         *       "held": 0,
         *       "receivable": 0,
         *       "expiringSoon": [
         *         {
         *           "amount": 2000,
         *           "expiresAt": "2035-01-31T15:00:00.000Z"
         *         }
         *       ]
         *     }
         */
        PointBalance: {
            userId: components["schemas"]["Id"];
            externalId?: components["schemas"]["ExternalId"];
            /**
             * Format: int64
             * @description available + pending
             */
            balance: number;
            /** Format: int64 */
            available: number;
            /**
             * Format: int64
             * @description Not available yet
             */
            pending: number;
            /**
             * Format: int64
             * @description Set aside for orders; not in the balance
             */
            held: number;
            /**
             * Format: int64
             * @description What the user owes, because earned points were taken back that had been spent. Points earned later repay it
             */
            receivable: number;
            /** @description Points that expire within 30 days, in order of expiry, at most 10 */
            expiringSoon: components["schemas"]["ExpiringPoints"][];
        };
        /**
         * @example {
         *       "chargeId": "7330011234567893",
         *       "userId": "1001",
         *       "status": "COMPLETED",
         *       "amount": 10000,
         *       "currency": "KRW",
         *       "transactionId": "7330011234567892",
         *       "balance": 12500,
         *       "providerUrl": null,
         *       "failure": null,
         *       "createdAt": "2035-01-01T01:00:00.123Z",
         *       "expiresAt": "2035-01-01T01:10:00.123Z",
         *       "settledAt": "2035-01-01T01:02:00.456Z",
         *       "refunds": []
         *     }
         */
        PointCharge: {
            /** @description null when ADMIN or SERVICE charged directly */
            chargeId: components["schemas"]["Id"] | null;
            userId: components["schemas"]["Id"];
            externalId?: components["schemas"]["ExternalId"];
            /**
             * @description PENDING: the customer has to pay at `providerUrl`. REFUNDED: it was cancelled later
             * @enum {string}
             */
            status: "PENDING" | "COMPLETED" | "REFUNDED" | "FAILED" | "EXPIRED";
            /** Format: int64 */
            amount: number;
            /** @description null when charged directly */
            currency: components["schemas"]["Currency"] | null;
            /** @description The transaction that credited the points; null until then */
            transactionId: components["schemas"]["Id"] | null;
            /**
             * Format: int64
             * @description The balance after that transaction
             */
            balance: number | null;
            /** @description Where the customer pays */
            providerUrl: string | null;
            /** @description The code of the reason for which it FAILED */
            failure: string | null;
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description When an unpaid charge ends; null when charged directly
             */
            expiresAt: string | null;
            /**
             * Format: date-time
             * @description When it was paid, declined or expired
             */
            settledAt: string | null;
            refunds: components["schemas"]["PointChargeRefund"][];
        };
        PointChargeRefund: {
            refundId: components["schemas"]["Id"];
            /** Format: int64 */
            amount: number;
            reason: string;
            /**
             * @description COMPLETED: the provider has accepted it
             * @enum {string}
             */
            status: "PENDING" | "COMPLETED";
            /** Format: date-time */
            createdAt: string;
        };
        /**
         * @example {
         *       "transactionId": "7330011234567892",
         *       "userId": "1001",
         *       "type": "CHARGE",
         *       "amount": 10000,
         *       "balance": 12500,
         *       "receivable": 0,
         *       "orderId": null,
         *       "reason": null,
         *       "sourceId": null,
         *       "createdAt": "2035-01-01T01:00:00.123Z"
         *     }
         */
        PointTransaction: {
            transactionId: components["schemas"]["Id"];
            userId: components["schemas"]["Id"];
            externalId?: components["schemas"]["ExternalId"];
            /** @enum {string} */
            type: "CHARGE" | "EARN" | "USE" | "HOLD" | "RELEASE" | "CAPTURE" | "CANCEL" | "EXPIRE" | "ADJUST";
            /**
             * Format: int64
             * @description The change of the balance, negative when points were used
             */
            amount: number;
            /**
             * Format: int64
             * @description The balance after it: available and pending points
             */
            balance: number;
            /**
             * Format: int64
             * @description The change of what the user owes: positive when earned points were taken back that had been spent, negative when earned points repaid it
             */
            receivable: number;
            orderId: string | null;
            reason: string | null;
            /** @description The transaction that it reverses, refunds, releases or captures */
            sourceId: components["schemas"]["Id"] | null;
            /** Format: date-time */
            createdAt: string;
        };
        PointTransactionList: {
            transactions: components["schemas"]["PointTransaction"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        PolicyFollowersAudience: {
            /** @enum {string} */
            type: "POLICY_FOLLOWERS";
            couponPolicyId: components["schemas"]["IdInput"];
        };
        PolicyHoldersAudience: {
            /** @enum {string} */
            type: "POLICY_HOLDERS";
            couponPolicyId: components["schemas"]["IdInput"];
        };
        PolicySubscription: {
            /** @enum {string} */
            type: "policy";
            couponPolicyId: components["schemas"]["Id"];
            /** @description Null: platform wide */
            storeId: components["schemas"]["Id"] | null;
            name: string;
            /** Format: date-time */
            opensAt: string;
        };
        PopularProduct: {
            /**
             * Format: int64
             * @description Within the requested days, less refunds
             */
            quantitySold: number;
        } & components["schemas"]["Product"];
        /**
         * @example {
         *       "products": [
         *         {
         *           "productId": "7330011234567891",
         *           "name": "Ceramic mug, 350 ml",
         *           "description": "Made in Icheon",
         *           "price": 29900,
         *           "stock": 500,
         *           "reservedStock": 3,
         *           "soldCount": 497,
         *           "storeId": null,
         *           "status": "ON_SALE",
         *           "version": 1,
         *           "activeTimeSale": {
         *             "timeSaleId": "7330011234567893",
         *             "remaining": 15,
         *             "soldQuantity": 480,
         *             "status": "ACTIVE",
         *             "productId": "7330011234567891",
         *             "productName": "Ceramic mug, 350 ml",
         *             "salePrice": 19900,
         *             "regularPrice": 29900,
         *             "quantity": 500,
         *             "limitPerUser": 2,
         *             "startsAt": "2035-01-01T01:00:00.000Z",
         *             "endsAt": "2035-01-01T03:00:00.000Z"
         *           },
         *           "createdAt": "2034-12-20T02:00:00.000Z",
         *           "updatedAt": "2034-12-20T02:00:00.000Z",
         *           "quantitySold": 497
         *         }
         *       ]
         *     }
         */
        PopularProductList: {
            products: components["schemas"]["PopularProduct"][];
        };
        PreviewNotificationJobRequest: {
            audience: components["schemas"]["NotificationAudience"];
            /**
             * @description MARKETING needs the consent of users outside the inbox
             * @enum {string}
             */
            class: "MARKETING" | "TRANSACTIONAL";
            ko: components["schemas"]["NotificationText"];
            en: components["schemas"]["NotificationText"];
            /**
             * @description Where the reader can see more: a path such as /stores/42
             * @default /
             */
            path?: string;
        };
        PreviewedText: {
            title: string;
            body: string;
        };
        /** @description Why a request was refused, or failed (RFC 9457) */
        Problem: {
            /**
             * Format: uri
             * @description A URN of the code
             * @example urn:stampede:problem:order-not-found
             */
            type: string;
            /** @description In the language of Accept-Language: ko or en */
            title: string;
            /** Format: int32 */
            status: number;
            /** @description What can be done; in the language of Accept-Language */
            detail: string;
            /**
             * Format: uri-reference
             * @description The path of the request
             * @example /api/v1/orders
             */
            instance: string;
            code: components["schemas"]["ProblemCode"];
            /**
             * @description The header x-request-id of the response, and of every log line
             * @example q3W-1
             */
            requestId: string;
            /** @description The fields that are not valid */
            errors?: components["schemas"]["FieldError"][];
        } & {
            [key: string]: unknown;
        };
        /**
         * @description Stable: clients decide on it. Later versions may have further codes
         * @enum {string}
         */
        ProblemCode: "ACCOUNT_DELETED" | "ACCOUNT_LOCKED" | "ANNOUNCEMENT_LIMIT_EXCEEDED" | "API_KEY_NOT_FOUND" | "CHARGE_EXPIRED" | "CHARGE_NOT_FOUND" | "CONCURRENT_MODIFICATION" | "COUPON_ALREADY_ISSUED" | "COUPON_ALREADY_USED" | "COUPON_CODE_NOT_FOUND" | "COUPON_EXPIRED" | "COUPON_ISSUE_LIMIT_EXCEEDED" | "COUPON_NOT_APPLICABLE" | "COUPON_NOT_AVAILABLE" | "COUPON_NOT_FOUND" | "COUPON_NOT_STACKABLE" | "COUPON_SOLD_OUT" | "DEPENDENCY_UNAVAILABLE" | "DUPLICATE_COUPON_CODE" | "EMAIL_TAKEN" | "FORBIDDEN" | "HEADERS_TOO_LARGE" | "HOLD_CONFLICT" | "HOLD_NOT_FOUND" | "IDEMPOTENCY_KEY_IN_USE" | "IDEMPOTENCY_KEY_REQUIRED" | "IDEMPOTENCY_KEY_REUSED" | "IMAGE_LIMIT_EXCEEDED" | "IMAGE_NOT_FOUND" | "INSUFFICIENT_POINTS" | "INTERNAL_ERROR" | "JOB_NOT_FOUND" | "LAST_ADMIN" | "LINK_INVALID" | "LOGOUT_TOKEN_INVALID" | "MAIL_NOT_CONFIGURED" | "METHOD_NOT_ALLOWED" | "MINIMUM_ORDER_NOT_MET" | "NOTICE_JOB_ENDED" | "NOTICE_JOB_LIST_CLOSED" | "NOTICE_JOB_NOT_FOUND" | "NOTIFICATION_NOT_FOUND" | "NOT_FOUND" | "OPEN_CHARGE_LIMIT_EXCEEDED" | "OPEN_ORDER_LIMIT_EXCEEDED" | "OPTIMISTIC_LOCK_FAILURE" | "ORDER_EXPIRED" | "ORDER_NOT_CANCELLABLE" | "ORDER_NOT_FOUND" | "ORDER_NOT_PAYABLE" | "ORDER_NOT_REFUNDABLE" | "OUT_OF_STOCK" | "OVERLOADED" | "PAYLOAD_TOO_LARGE" | "PAYMENT_AMOUNT_MISMATCH" | "PAYMENT_DECLINED" | "PAYMENT_NOT_FOUND" | "PAYMENT_PROVIDER_REQUIRED" | "POINT_LIMIT_EXCEEDED" | "POINT_TRANSACTION_NOT_FOUND" | "POLICY_ALREADY_OPEN" | "POLICY_ENDED" | "POLICY_INACTIVE" | "POLICY_NOT_FOUND" | "POLICY_NOT_STARTED" | "POLICY_SUSPENDED" | "PRICE_CHANGED" | "PRODUCT_NOT_FOUND" | "PURCHASE_LIMIT_EXCEEDED" | "PUSH_ENDPOINT_TAKEN" | "PUSH_NOT_CONFIGURED" | "RATE_LIMITED" | "REQUEST_TIMEOUT" | "RESERVATIONS_NOT_COUNTED" | "RESERVATION_CONFLICT" | "RESERVATION_EXPIRED" | "RESERVATION_NOT_FOUND" | "SANDBOX_INCOMPLETE" | "SCOPE_MISSING" | "STAFF_LIMIT_EXCEEDED" | "STORE_LIMIT_EXCEEDED" | "STORE_NOT_FOUND" | "STORE_NOT_OPEN" | "SUPPRESSION_NOT_FOUND" | "TIME_SALE_NOT_ACTIVE" | "TIME_SALE_NOT_FOUND" | "UNAUTHENTICATED" | "UNSUPPORTED_MEDIA_TYPE" | "USER_NOT_FOUND" | "VALIDATION_FAILED" | "WEBHOOK_DELIVERY_ERASED" | "WEBHOOK_DELIVERY_NOT_FOUND" | "WEBHOOK_DISABLED" | "WEBHOOK_LIMIT_REACHED" | "WEBHOOK_NOT_FOUND" | "WEBHOOK_SIGNATURE_INVALID";
        /**
         * @example {
         *       "productId": "7330011234567891",
         *       "name": "Ceramic mug, 350 ml",
         *       "description": "Made in Icheon",
         *       "price": 29900,
         *       "stock": 500,
         *       "reservedStock": 3,
         *       "soldCount": 497,
         *       "storeId": null,
         *       "status": "ON_SALE",
         *       "version": 1,
         *       "activeTimeSale": {
         *         "timeSaleId": "7330011234567893",
         *         "remaining": 15,
         *         "soldQuantity": 480,
         *         "status": "ACTIVE",
         *         "productId": "7330011234567891",
         *         "productName": "Ceramic mug, 350 ml",
         *         "salePrice": 19900,
         *         "regularPrice": 29900,
         *         "quantity": 500,
         *         "limitPerUser": 2,
         *         "startsAt": "2035-01-01T01:00:00.000Z",
         *         "endsAt": "2035-01-01T03:00:00.000Z"
         *       },
         *       "createdAt": "2034-12-20T02:00:00.000Z",
         *       "updatedAt": "2034-12-20T02:00:00.000Z"
         *     }
         */
        Product: {
            productId: components["schemas"]["Id"];
            name: string;
            description: string;
            /** Format: int64 */
            price: number;
            /**
             * Format: int64
             * @description Units that can be sold at this price now, without those in time sales
             */
            stock: number;
            /**
             * Format: int64
             * @description Units in unpaid orders
             */
            reservedStock: number;
            /**
             * Format: int64
             * @description Units that are paid and not refunded, also in time sales
             */
            soldCount: number;
            storeId: components["schemas"]["Id"] | null;
            /** @enum {string} */
            status: "ON_SALE" | "SOLD_OUT" | "HIDDEN";
            /**
             * Format: int64
             * @description for PATCH
             */
            version: number;
            /** @description The ACTIVE time sale, the cheapest when there are several */
            activeTimeSale: components["schemas"]["TimeSale"] | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        ProductList: {
            products: components["schemas"]["Product"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        /**
         * @example {
         *       "publicKey": "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
         *     }
         */
        PushKey: {
            publicKey: string;
        };
        PushSubscriptionKeys: {
            p256dh: string;
            auth: string;
        };
        QuietHours: {
            /** @example 21:00 */
            from: string;
            /** @example 21:00 */
            until: string;
        };
        QuoteCartRequest: {
            userId?: components["schemas"]["UserReferenceInput"];
            /** @description What is in the cart, at its prices */
            lines: components["schemas"]["CartLine"][];
            /** @description Left out: all coupons that the user could reserve now. Empty: none, for codes alone */
            couponIds?: components["schemas"]["IdInput"][];
            /** @description As the user typed them */
            codes?: string[];
        };
        QuoteReason: {
            /** @enum {string} */
            code: "COUPON_NOT_FOUND" | "COUPON_CODE_NOT_FOUND" | "COUPON_ALREADY_ISSUED" | "COUPON_ISSUE_LIMIT_EXCEEDED" | "COUPON_ALREADY_USED" | "COUPON_EXPIRED" | "COUPON_NOT_AVAILABLE" | "COUPON_NOT_APPLICABLE" | "POLICY_SUSPENDED" | "MINIMUM_ORDER_NOT_MET" | "RESERVATION_CONFLICT";
            title: string;
            detail: string;
        };
        /**
         * @example {
         *       "status": "ready",
         *       "dependencies": {
         *         "postgres": "up",
         *         "clock": "up",
         *         "files": "up"
         *       }
         *     }
         */
        Readiness: {
            /** @enum {string} */
            status: "ready" | "not ready";
            dependencies: {
                [key: string]: "up" | "down";
            };
        };
        ReasonRequest: {
            reason: string & (unknown & unknown);
        };
        RedeemCouponRequest: {
            /** @example W556W-3DR24-8138 */
            redemptionCode: string;
            /**
             * Format: int64
             * @description Of goods of this store. Without it only a fixed discount can be used whose policy has no minimum
             */
            orderAmount?: number;
        };
        /**
         * @example {
         *       "couponId": "7330011234567891",
         *       "couponPolicyId": "7330011234567890",
         *       "couponName": "Opening day, 3,000 won off",
         *       "storeId": "7330011234567000",
         *       "discountType": "FIXED_AMOUNT",
         *       "discountValue": 3000,
         *       "maxDiscountAmount": null,
         *       "discountAmount": 3000,
         *       "usedAt": "2035-01-02T01:00:00.123Z"
         *     }
         */
        RedeemedCoupon: {
            couponId: components["schemas"]["Id"];
            couponPolicyId: components["schemas"]["Id"];
            couponName: string;
            storeId: components["schemas"]["Id"] | null;
            discountType: components["schemas"]["DiscountType"];
            discountValue: number;
            /** Format: int64 */
            maxDiscountAmount: number | null;
            /** Format: int64 */
            discountAmount: number;
            /** Format: date-time */
            usedAt: string;
        };
        /**
         * @example {
         *       "code": "W556W-3DR24-8138",
         *       "qrSvg": "<svg viewBox=\"0 0 29 29\" xmlns=\"http://www.w3.org/2000/svg\">…</svg>"
         *     }
         */
        RedemptionCode: {
            /** @description For people: 13 symbols and a check symbol, in groups */
            code: string;
            /** @description The same code without dashes as a QR code: an SVG image of 29 × 29 modules */
            qrSvg: string;
        };
        RefreshTokenRequest: {
            refreshToken: string;
        };
        /**
         * @example {
         *       "refundId": "7330011234567897",
         *       "orderId": "7330011234567895",
         *       "currency": "KRW",
         *       "amount": 13250,
         *       "points": 250,
         *       "status": "DONE",
         *       "paymentId": "7330011234567896",
         *       "reason": "Arrived broken",
         *       "items": [
         *         {
         *           "line": 1,
         *           "quantity": 1,
         *           "amount": 13250,
         *           "points": 250
         *         }
         *       ],
         *       "createdAt": "2035-01-03T01:00:00.123Z"
         *     }
         */
        Refund: {
            refundId: components["schemas"]["Id"];
            orderId: components["schemas"]["Id"];
            currency: components["schemas"]["Currency"];
            /** Format: int64 */
            amount: number;
            /** Format: int64 */
            points: number;
            /**
             * @description PENDING: the provider has not confirmed the refund yet
             * @enum {string}
             */
            status: "PENDING" | "DONE";
            paymentId: components["schemas"]["Id"];
            reason: string;
            /** @description Empty: money that the order could not use */
            items: components["schemas"]["RefundItem"][];
            /** Format: date-time */
            createdAt: string;
        };
        RefundItem: {
            /** Format: int64 */
            line: number;
            /** Format: int64 */
            quantity: number;
            /** Format: int64 */
            amount: number;
            /** Format: int64 */
            points: number;
        };
        RefundList: {
            refunds: components["schemas"]["Refund"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        RefundOrderRequest: {
            /** @description Units of lines; absent: all that are left */
            items?: components["schemas"]["NewRefundItem"][];
            reason: string & (unknown & unknown);
        };
        /**
         * @example {
         *       "refundId": "7330011234567897",
         *       "orderId": "7330011234567895",
         *       "currency": "KRW",
         *       "amount": 13250,
         *       "points": 250,
         *       "status": "DONE",
         *       "order": {
         *         "orderId": "7330011234567895",
         *         "userId": "1001",
         *         "status": "PAID",
         *         "items": [
         *           {
         *             "line": 1,
         *             "productId": "7330011234567893",
         *             "timeSaleId": null,
         *             "productName": "Drip coffee, 20 bags",
         *             "storeId": null,
         *             "quantity": 2,
         *             "unitPrice": 15000,
         *             "couponDiscount": 3000,
         *             "pointsUsed": 500,
         *             "refundedQuantity": 1
         *           }
         *         ],
         *         "couponId": "7330011234567891",
         *         "currency": "KRW",
         *         "subtotal": 30000,
         *         "couponDiscount": 3000,
         *         "pointsUsed": 500,
         *         "total": 26500,
         *         "refundedAmount": 13250,
         *         "refundedPoints": 250,
         *         "createdAt": "2035-01-01T01:00:00.123Z",
         *         "expiresAt": "2035-01-01T01:10:00.123Z",
         *         "paidAt": "2035-01-01T01:02:00.456Z",
         *         "endedAt": null,
         *         "failure": null
         *       }
         *     }
         */
        RefundResult: {
            refundId: components["schemas"]["Id"];
            orderId: components["schemas"]["Id"];
            currency: components["schemas"]["Currency"];
            /** Format: int64 */
            amount: number;
            /** Format: int64 */
            points: number;
            /**
             * @description PENDING: the provider has not confirmed the refund yet
             * @enum {string}
             */
            status: "PENDING" | "DONE";
            order: components["schemas"]["Order"];
        };
        ReplaceNotificationPreferencesRequest: {
            /**
             * @description Those that are left out have their default. INBOX off: no notices of the kind at all
             * @default []
             */
            preferences?: components["schemas"]["NotificationPreference"][];
            /**
             * @description null: that of each request
             * @enum {string|null}
             */
            language?: "en" | "ko" | null;
            /**
             * @description An IANA time zone; null: that of the shop
             * @example Asia/Seoul
             */
            timezone?: string | null;
            /**
             * @description How many days before a coupon expires; empty: not at all
             * @default [
             *       7,
             *       3,
             *       1
             *     ]
             */
            expiryDays?: (7 | 3 | 1)[];
            /** @description In the time zone. null: from 21:00 to 08:00 for advertising alone, which the law requires in any case */
            quietHours?: components["schemas"]["QuietHours"] | null;
        };
        ReportMailEventsRequest: {
            events: components["schemas"]["MailEvent"][];
        };
        ReportPaymentRequest: {
            /**
             * @example payment.completed
             * @example payment.failed
             */
            type: string;
            data: {
                [key: string]: unknown;
            };
        };
        /**
         * @example {
         *       "reservationId": "checkout-1001-1",
         *       "couponId": "7330011234567891",
         *       "userId": "1001",
         *       "orderId": "order-5001",
         *       "orderAmount": 32000,
         *       "discountAmount": 3000,
         *       "status": "CONFIRMED",
         *       "reservedAt": "2035-01-01T01:00:00.123Z",
         *       "expiresAt": "2035-01-01T01:10:00.123Z"
         *     }
         */
        Reservation: {
            reservationId: string;
            couponId: components["schemas"]["Id"];
            userId: components["schemas"]["Id"];
            externalId?: components["schemas"]["ExternalId"];
            orderId: string | null;
            /** Format: int64 */
            orderAmount: number;
            /** Format: int64 */
            discountAmount: number;
            /** @enum {string} */
            status: "PENDING" | "CONFIRMED" | "CANCELLED" | "EXPIRED";
            /** Format: date-time */
            reservedAt: string;
            /** Format: date-time */
            expiresAt: string;
        };
        /**
         * @example {
         *       "reservationId": "checkout-1001-1",
         *       "couponId": "7330011234567891",
         *       "userId": "1001",
         *       "orderId": "order-5001",
         *       "orderAmount": 32000,
         *       "discountAmount": 3000,
         *       "status": "CONFIRMED",
         *       "reservedAt": "2035-01-01T01:00:00.123Z",
         *       "expiresAt": "2035-01-01T01:10:00.123Z",
         *       "origin": "CUSTOMER"
         *     }
         */
        ReservationRecord: {
            /**
             * @description Who reserved: the checkout, a machine or administrator, or the customer
             * @enum {string}
             */
            origin: "CHECKOUT" | "SERVICE" | "CUSTOMER";
        } & components["schemas"]["Reservation"];
        ReserveCouponRequest: {
            /**
             * @description Chosen by the caller
             * @example checkout-1001-1
             */
            reservationId: string;
            userId?: components["schemas"]["UserReferenceInput"];
            couponId: components["schemas"]["IdInput"];
            /**
             * Format: int64
             * @description Smallest unit. With `lines` it may be left out, and is their sum
             */
            orderAmount?: number;
            /** @description What is ordered. The coupon of a store needs it, because it is for the lines of that store */
            lines?: components["schemas"]["CartLine"][];
            /** @example order-5001 */
            orderId?: string;
        };
        /**
         * @example {
         *       "reservationId": "checkout-1001-1",
         *       "couponId": "7330011234567891",
         *       "success": true,
         *       "message": "The coupon is reserved.",
         *       "discountAmount": 3000,
         *       "reservedAt": "2035-01-01T01:00:00.123Z",
         *       "expiresAt": "2035-01-01T01:10:00.123Z"
         *     }
         */
        ReservedCoupon: {
            reservationId: string;
            couponId: components["schemas"]["Id"];
            success: boolean;
            message: string;
            /** Format: int64 */
            discountAmount: number;
            /** Format: date-time */
            reservedAt: string;
            /** Format: date-time */
            expiresAt: string;
        };
        ResetPasswordRequest: {
            /** @description From the link in the mail */
            token: string;
            /**
             * Format: password
             * @description None of the most common passwords
             */
            newPassword: string;
        };
        RestoreCouponRequest: {
            /** @example order-5001 */
            orderId: string;
        };
        RotateWebhookSecretRequest: {
            /**
             * @description How long the present secret signs beside the new one
             * @default 24
             */
            overlapHours?: number;
        };
        SavePushSubscriptionRequest: {
            /** @description An https URL of a push service of `PUSH_HOSTS` */
            endpoint: string;
            expirationTime?: number | null;
            keys: components["schemas"]["PushSubscriptionKeys"];
        };
        SendTestNotificationRequest: {
            audience?: components["schemas"]["NotificationAudience"];
            /**
             * @description MARKETING needs the consent of users outside the inbox
             * @enum {string}
             */
            class: "MARKETING" | "TRANSACTIONAL";
            ko: components["schemas"]["NotificationText"];
            en: components["schemas"]["NotificationText"];
            /**
             * @description Where the reader can see more: a path such as /stores/42
             * @default /
             */
            path?: string;
        };
        SetCouponPolicyQuantityRequest: {
            newMaxIssueCount: number;
            /** @description who made the change, for the record */
            modifiedBy: string & (unknown & unknown);
            reason: string & (unknown & unknown);
        };
        SignUpUserRequest: {
            /**
             * Format: email
             * @description Unique in any case; stored in lower case
             */
            email: string;
            /**
             * Format: password
             * @description None of the most common passwords
             */
            password: string;
            name: string & (unknown & unknown);
            /**
             * @default CUSTOMER
             * @enum {string}
             */
            role?: "CUSTOMER" | "OWNER";
            /** @default false */
            marketingConsent?: boolean;
        };
        /**
         * @example {
         *       "storeId": "7330011234567000",
         *       "ownerId": "42",
         *       "name": "Cafe Sol",
         *       "category": "CAFE",
         *       "description": "Roasts its own beans",
         *       "address": "12 Seongsui-ro, Seongdong-gu, Seoul",
         *       "location": {
         *         "lat": 37.5446,
         *         "lng": 127.0559
         *       },
         *       "images": [
         *         "https://images.example.com/sol/front.jpg"
         *       ],
         *       "uploadedImages": [],
         *       "openingHours": [
         *         {
         *           "day": "MONDAY",
         *           "opens": "08:00",
         *           "closes": "22:00"
         *         }
         *       ],
         *       "status": "OPEN",
         *       "followers": 1204,
         *       "version": 1,
         *       "createdAt": "2034-12-20T02:00:00.000Z",
         *       "updatedAt": "2034-12-20T02:00:00.000Z"
         *     }
         */
        Store: {
            storeId: components["schemas"]["Id"];
            ownerId: components["schemas"]["Id"];
            ownerExternalId?: components["schemas"]["ExternalId"];
            name: string;
            category: string;
            description: string;
            address: string;
            location: components["schemas"]["Location"] | null;
            /** @description URLs that its owner stated */
            images: string[];
            /** @description The oldest first. A URL is a path of this server, where it knows no public URL */
            uploadedImages: components["schemas"]["StoreImage"][];
            openingHours: components["schemas"]["OpeningHours"][];
            /** @enum {string} */
            status: "PENDING" | "OPEN" | "CLOSED";
            /**
             * Format: int64
             * @description How many users follow it
             */
            followers: number;
            /** Format: int64 */
            version: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        StoreFollowersAudience: {
            /** @enum {string} */
            type: "STORE_FOLLOWERS";
            storeId: components["schemas"]["IdInput"];
        };
        StoreImage: {
            imageId: components["schemas"]["Id"];
            /** @description No side is longer than 1,024 pixels */
            url: string;
            /** @description No side is longer than 480 pixels */
            cardUrl: string;
            /** @description No side is longer than 160 pixels */
            thumbnailUrl: string;
            /** @description All of them, for the attribute of that name */
            srcset: string;
        };
        StoreList: {
            stores: components["schemas"]["Store"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        /**
         * @example {
         *       "storeId": "7330011234567000",
         *       "issued": 120,
         *       "reserved": 45,
         *       "used": 40,
         *       "released": 3,
         *       "cancelled": 1,
         *       "expired": 0,
         *       "restored": 2,
         *       "discountGiven": 114000,
         *       "usageRate": 31.66,
         *       "byDay": [
         *         {
         *           "day": "2035-01-31",
         *           "issued": 120,
         *           "reserved": 45,
         *           "used": 40,
         *           "released": 3,
         *           "cancelled": 1,
         *           "expired": 0,
         *           "restored": 2,
         *           "discountGiven": 114000
         *         }
         *       ]
         *     }
         */
        StoreStatistics: {
            storeId: components["schemas"]["Id"];
            /** Format: int64 */
            issued: number;
            /** Format: int64 */
            reserved: number;
            /**
             * Format: int64
             * @description Uses, including those of coupons that were restored later
             */
            used: number;
            /**
             * Format: int64
             * @description Reservations that ended without use
             */
            released: number;
            /** Format: int64 */
            cancelled: number;
            /** Format: int64 */
            expired: number;
            /** Format: int64 */
            restored: number;
            /**
             * Format: int64
             * @description Discount of all uses, less that of restored coupons
             */
            discountGiven: number;
            /** @description Uses that were not restored, per issued coupon, in percent with two decimals, rounded down */
            usageRate: number;
            /** @description The latest 366 days with activity */
            byDay: components["schemas"]["DailyCounts"][];
        };
        StoreSubscription: {
            /** @enum {string} */
            type: "store";
            storeId: components["schemas"]["Id"];
            name: string;
            category: string;
        };
        SubmitPasswordResetPageRequest: {
            /** @description From the link in the mail */
            token: string;
            newPassword: string;
        };
        /**
         * @example {
         *       "type": "store",
         *       "storeId": "7330011234567000",
         *       "name": "Cafe Sol",
         *       "category": "CAFE"
         *     }
         */
        Subscription: components["schemas"]["StoreSubscription"] | components["schemas"]["PolicySubscription"];
        SubscriptionList: {
            subscriptions: components["schemas"]["Subscription"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        /**
         * @example {
         *       "addressHash": "Y6cJlk1nlGqPnIQ8Ll6k7yTjQfXrj1QjqXkKxw0k2sE",
         *       "reason": "HARD_BOUNCE",
         *       "createdAt": "2035-01-01T10:00:00.000Z"
         *     }
         */
        Suppression: {
            /** @description SHA-256 of the address in lower case, base64url */
            addressHash: string;
            /** @enum {string} */
            reason: "HARD_BOUNCE" | "COMPLAINT";
            /** Format: date-time */
            createdAt: string;
        };
        SuppressionList: {
            suppressions: components["schemas"]["Suppression"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        /**
         * @example {
         *       "timeSaleId": "7330011234567893",
         *       "remaining": 15,
         *       "soldQuantity": 480,
         *       "status": "ACTIVE",
         *       "productId": "7330011234567891",
         *       "productName": "Ceramic mug, 350 ml",
         *       "salePrice": 19900,
         *       "regularPrice": 29900,
         *       "quantity": 500,
         *       "limitPerUser": 2,
         *       "startsAt": "2035-01-01T01:00:00.000Z",
         *       "endsAt": "2035-01-01T03:00:00.000Z"
         *     }
         */
        TimeSale: {
            timeSaleId: components["schemas"]["Id"];
            /**
             * Format: int64
             * @description Units that are neither paid nor in unpaid orders; 0 after the end
             */
            remaining: number;
            /**
             * Format: int64
             * @description Units that are paid
             */
            soldQuantity: number;
            /** @description By the clock of the server */
            status: components["schemas"]["TimeSaleStatus"];
            productId: components["schemas"]["Id"];
            productName: string;
            /**
             * Format: int64
             * @description What buyers pay, or regularPrice where that is lower
             */
            salePrice: number;
            /**
             * Format: int64
             * @description The current price of the product
             */
            regularPrice: number;
            /** Format: int64 */
            quantity: number;
            /** Format: int64 */
            limitPerUser: number;
            /** Format: date-time */
            startsAt: string;
            /** Format: date-time */
            endsAt: string;
        };
        TimeSaleList: {
            timeSales: components["schemas"]["TimeSale"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        /** @enum {string} */
        TimeSaleStatus: "SCHEDULED" | "ACTIVE" | "SOLD_OUT" | "ENDED";
        /**
         * @example {
         *       "accessToken": "eyJhbGciOiJIUzI1NiJ9.….…",
         *       "refreshToken": "rt_stampede_7330011234567891_…",
         *       "expiresIn": 900
         *     }
         */
        Tokens: {
            accessToken: string;
            /** @description For one use; valid for 14 days */
            refreshToken: string;
            /**
             * Format: int64
             * @description Lifetime of the access token in seconds
             */
            expiresIn: number;
        };
        /**
         * @example {
         *       "unreadCount": 0
         *     }
         */
        UnreadCount: {
            /** Format: int64 */
            unreadCount: number;
        };
        UpdateApiKeyRequest: {
            name?: string & (unknown & unknown);
            /** @description Replaces all of them */
            scopes?: components["schemas"]["ApiKeyScope"][];
            /** @description null: STAMPEDE_LIMIT_API_KEY */
            rateLimit?: number | null;
            /** @description null: never */
            expiresAt?: components["schemas"]["Instant"] | null;
        };
        UpdateCouponPolicyRequest: {
            name: string & (unknown & unknown);
            /** @default  */
            description?: string;
            /** @description Typed in any case and with any separators. The code of a policy that has ended may be taken again */
            code?: string | null;
            discountType: components["schemas"]["DiscountType"];
            /** @description FIXED_AMOUNT: the amount, an integer. PERCENTAGE: above 0, at most 100, at most two decimals. */
            discountValue: number;
            /** Format: int64 */
            minimumOrderAmount?: number;
            /**
             * Format: int64
             * @description PERCENTAGE only
             */
            maxDiscountAmount?: number | null;
            distributionType: components["schemas"]["DistributionType"];
            /** @description null = unlimited */
            maxIssueCount?: number | null;
            /** @default 1 */
            maxIssuePerUser?: number;
            /** @description exactly one of validDays and expireAt */
            validDays?: number | null;
            expireAt?: components["schemas"]["Instant"] | null;
            validFrom: components["schemas"]["Instant"];
            validUntil: components["schemas"]["Instant"];
            /** @description null = platform wide, for ADMIN only */
            storeId?: components["schemas"]["IdInput"] | null;
            /**
             * @description IANA; absent: that of the shop (STAMPEDE_TIME_ZONE)
             * @default Asia/Seoul
             */
            timezone?: string;
            /** @description EVENT only */
            triggerEventType?: string | null;
            /** @default false */
            restoreOnRefund?: boolean;
            /**
             * Format: int64
             * @description ignored
             */
            termsVersion?: number;
            /**
             * Format: int64
             * @description ignored
             */
            termsFloor?: number;
            /** @description ignored */
            suspended?: boolean;
            /** @description ignored */
            suspensionReason?: string | null;
            version: number;
            /**
             * @description Also changes discount, minimum, cap and store of coupons that are issued already
             * @default false
             */
            applyToIssued?: boolean;
        };
        UpdateProductRequest: {
            /** @description The version that was read */
            version: number;
            name?: string & (unknown & unknown);
            description?: string;
            price?: number;
            hidden?: boolean;
            /** @description Added to the stock; a negative number is subtracted, at most the free stock */
            addStock?: number;
        };
        UpdateProfileRequest: {
            name?: string & (unknown & unknown);
            marketingConsent?: boolean;
            /**
             * @description Of mails and notifications
             * @enum {string}
             */
            language?: "en" | "ko";
            /**
             * Format: uri
             * @description https only; replaces an uploaded image; null removes the image
             */
            profileImageUrl?: string | null;
        };
        UpdateStoreRequest: {
            name?: string & (unknown & unknown);
            category?: string & (unknown & unknown);
            description?: string;
            address?: string;
            location?: components["schemas"]["Location"] | null;
            images?: string[];
            openingHours?: components["schemas"]["OpeningHours"][];
            /**
             * @description CLOSED ends the coupon policies of the store; they do not come back when it is opened
             * @enum {string}
             */
            status?: "OPEN" | "CLOSED";
            /** @description The one that was read; absent = any */
            version?: number;
        };
        UpdateTimeSaleRequest: {
            /** @description Before the start only */
            salePrice?: number;
            /** @description All units of the sale, sold ones included; the difference is moved from or to the product's stock */
            quantity?: number;
            /** @description Users who have more keep what they have */
            limitPerUser?: number;
            /** @description In the future */
            endsAt?: components["schemas"]["Instant"];
        };
        UpdateUserRequest: {
            role?: components["schemas"]["UserRole"];
            /**
             * @description ACTIVE also restores a deleted user of another issuer, for an ADMIN
             * @enum {string}
             */
            status?: "ACTIVE" | "LOCKED";
            /**
             * @description Ends every session of the user
             * @enum {boolean}
             */
            endSessions?: true;
        };
        UpdateWebhookRequest: {
            /** @description https; http only for hosts that the operator has allowed */
            url?: string;
            /** @description Names of events, such as order.paid, or * for all, also those of later versions */
            topics?: string[];
            /** @description For people */
            description?: string;
            /** @description true forgets earlier failures */
            enabled?: boolean;
        };
        UseCouponRequest: {
            /** @example order-5001 */
            orderId?: string;
            /**
             * Format: int64
             * @description Smallest unit. With `lines` it may be left out, and is their sum
             */
            orderAmount?: number;
            /** @description What is ordered. The coupon of a store needs it, because it is for the lines of that store */
            lines?: components["schemas"]["CartLine"][];
        };
        UsePointsRequest: {
            userId?: components["schemas"]["UserReferenceInput"];
            /** Format: int64 */
            amount: number;
            orderId?: string & (unknown & unknown);
        };
        /**
         * @example {
         *       "userId": "7330011234567890",
         *       "email": "ada@example.com",
         *       "name": "Ada",
         *       "role": "CUSTOMER",
         *       "marketingConsent": false,
         *       "language": "en",
         *       "profileImageUrl": null,
         *       "emailVerified": true,
         *       "createdAt": "2035-01-01T10:00:00.000Z"
         *     }
         */
        User: {
            userId: components["schemas"]["Id"];
            externalId?: components["schemas"]["ExternalId"];
            /** @description null: a user of another issuer */
            email: string | null;
            name: string;
            role: components["schemas"]["UserRole"];
            marketingConsent: boolean;
            /** @enum {string} */
            language: "en" | "ko";
            /** @description Of an uploaded image: a path of this server, where it knows no public URL */
            profileImageUrl: string | null;
            /** @description true for everybody who signed up while no mail was configured */
            emailVerified: boolean;
            /** Format: date-time */
            createdAt: string;
        };
        /**
         * @example {
         *       "couponId": "7330011234567891",
         *       "couponPolicyId": "7330011234567890",
         *       "userId": "1001",
         *       "couponName": "Opening day, 3,000 won off",
         *       "couponCode": null,
         *       "discountType": "FIXED_AMOUNT",
         *       "discountValue": 3000,
         *       "minimumOrderAmount": 10000,
         *       "maxDiscountAmount": null,
         *       "status": "ISSUED",
         *       "sequenceNo": 1,
         *       "issuedAt": "2035-01-01T01:00:00.123Z",
         *       "expiresAt": "2035-01-31T01:00:00.123Z",
         *       "reservedAt": null,
         *       "usedAt": null,
         *       "reservationId": null,
         *       "orderId": null
         *     }
         */
        UserCoupon: {
            couponName: string;
            discountType: components["schemas"]["DiscountType"];
            discountValue: number;
            /** Format: int64 */
            minimumOrderAmount: number;
            /** Format: int64 */
            maxDiscountAmount: number | null;
        } & components["schemas"]["Coupon"];
        UserCouponList: {
            coupons: components["schemas"]["UserCoupon"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        /**
         * @example {
         *       "totalCoupons": 12,
         *       "availableCoupons": 5,
         *       "usedCoupons": 4,
         *       "expiredCoupons": 3,
         *       "totalSavedAmount": 12000
         *     }
         */
        UserCouponStatistics: {
            /** Format: int64 */
            totalCoupons: number;
            /** Format: int64 */
            availableCoupons: number;
            /** Format: int64 */
            usedCoupons: number;
            /** Format: int64 */
            expiredCoupons: number;
            /** Format: int64 */
            totalSavedAmount: number;
        };
        UserList: {
            users: components["schemas"]["ManagedUser"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        /** @description A decimal id; ADMIN and SERVICE may also name a user of another issuer: `ext:<issuer name>:<subject>` */
        UserReference: string;
        /** @description A decimal id; ADMIN and SERVICE may also name a user of another issuer: `ext:<issuer name>:<subject>` */
        UserReferenceInput: string | number;
        /** @enum {string} */
        UserRole: "CUSTOMER" | "OWNER" | "ADMIN";
        UsersAudience: {
            /** @enum {string} */
            type: "USERS";
        };
        /**
         * @example {
         *       "webhookId": "7330011234567896",
         *       "url": "https://shop.example.com/stampede",
         *       "topics": [
         *         "order.paid",
         *         "order.refunded"
         *       ],
         *       "description": "Orders for the warehouse",
         *       "enabled": true,
         *       "disabledReason": null,
         *       "disabledAt": null,
         *       "failures": 0,
         *       "failingSince": null,
         *       "resumesAt": null,
         *       "waiting": 0,
         *       "previousSecretUntil": null,
         *       "createdAt": "2030-01-01T01:00:00.000Z",
         *       "updatedAt": "2030-01-01T01:00:00.000Z"
         *     }
         */
        Webhook: {
            webhookId: components["schemas"]["Id"];
            url: string;
            topics: string[];
            description: string;
            enabled: boolean;
            /**
             * @description ADMIN: by an administrator. GONE: it responded with 410. FAILING: no request succeeded for 3 days. BACKLOG: more than 100,000 deliveries waited
             * @enum {string|null}
             */
            disabledReason: "ADMIN" | "GONE" | "FAILING" | "BACKLOG" | null;
            /** Format: date-time */
            disabledAt: string | null;
            /**
             * Format: int64
             * @description Failed requests in a row
             */
            failures: number;
            /** Format: date-time */
            failingSince: string | null;
            /**
             * Format: date-time
             * @description Nothing is sent before; null: no pause
             */
            resumesAt: string | null;
            /**
             * Format: int64
             * @description Deliveries that wait; 100001 stands for more than 100000
             */
            waiting: number;
            /**
             * Format: date-time
             * @description Until then the previous secret signs, too
             */
            previousSecretUntil: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            updatedAt: string;
        };
        /**
         * @example {
         *       "deliveryId": "1204",
         *       "eventId": "9f2c01d4a7be3306-7330011234999999:0",
         *       "messageId": "7330011234567896-9f2c01d4a7be3306-7330011234999999:0",
         *       "topic": "coupon.expired",
         *       "subject": "couponId:7330011234567890",
         *       "status": "PENDING",
         *       "attempts": 1,
         *       "lastStatus": 500,
         *       "lastError": "STATUS",
         *       "nextAttemptAt": "2030-01-01T01:00:05.000Z",
         *       "createdAt": "2030-01-01T01:00:00.000Z",
         *       "finishedAt": null,
         *       "body": {
         *         "type": "coupon.expired",
         *         "timestamp": "2030-01-01T01:00:00.000Z",
         *         "eventId": "9f2c01d4a7be3306-7330011234999999:0",
         *         "data": {
         *           "couponId": "7330011234567890",
         *           "userId": "42"
         *         }
         *       }
         *     }
         */
        WebhookDelivery: {
            deliveryId: components["schemas"]["Id"];
            eventId: string;
            /** @description The header webhook-id of every attempt */
            messageId: string;
            topic: string;
            /** @description What it is about. Deliveries of one subject arrive in order */
            subject: string;
            /** @enum {string} */
            status: "PENDING" | "DELIVERED" | "FAILED" | "DROPPED";
            /** Format: int64 */
            attempts: number;
            /** @description Of the last response */
            lastStatus: number | null;
            /** @description STATUS, REDIRECT, GONE, TIMEOUT, ADDRESS_REFUSED, SECRET_UNREADABLE, NO_RESPONSE, or a code of the connection such as ECONNREFUSED */
            lastError: string | null;
            /** Format: date-time */
            nextAttemptAt: string | null;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            finishedAt: string | null;
            /** @description What is sent; null: erased with the account of its user */
            body: {
                [key: string]: unknown;
            } | null;
        };
        WebhookDeliveryList: {
            deliveries: components["schemas"]["WebhookDelivery"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        WebhookList: {
            webhooks: components["schemas"]["Webhook"][];
            nextCursor: string | null;
            hasMore: boolean;
        };
        /**
         * @example {
         *       "webhookId": "7330011234567896",
         *       "url": "https://shop.example.com/stampede",
         *       "topics": [
         *         "order.paid",
         *         "order.refunded"
         *       ],
         *       "description": "Orders for the warehouse",
         *       "enabled": true,
         *       "disabledReason": null,
         *       "disabledAt": null,
         *       "failures": 0,
         *       "failingSince": null,
         *       "resumesAt": null,
         *       "waiting": 0,
         *       "previousSecretUntil": null,
         *       "createdAt": "2030-01-01T01:00:00.000Z",
         *       "updatedAt": "2030-01-01T01:00:00.000Z",
         *       "secret": "whsec_…"
         *     }
         */
        WebhookWithSecret: {
            /** @description whsec_ and base64. Only in the first response to a key */
            secret?: string;
        } & components["schemas"]["Webhook"];
    };
    responses: {
        /** @description Gone */
        AccountDeleted: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "ACCOUNT_DELETED";
                };
            };
        };
        /** @description Gone */
        AccountDeletedOrPolicyEnded: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "ACCOUNT_DELETED" | "POLICY_ENDED";
                };
            };
        };
        /** @description Not Found */
        ApiKeyNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "API_KEY_NOT_FOUND";
                };
            };
        };
        /** @description Gone */
        ChargeExpired: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "CHARGE_EXPIRED";
                };
            };
        };
        /** @description Not Found */
        ChargeNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "CHARGE_NOT_FOUND";
                };
            };
        };
        /** @description Conflict */
        ChargePoints409: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "OPEN_CHARGE_LIMIT_EXCEEDED" | "PAYMENT_AMOUNT_MISMATCH" | "PAYMENT_PROVIDER_REQUIRED";
                    /** Format: int64 */
                    limit?: number;
                    /** Format: int64 */
                    total?: number;
                    /** Format: int64 */
                    paid?: number;
                };
            };
        };
        /** @description Conflict */
        ConcurrentModificationOrIdempotencyKeyInUse: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "CONCURRENT_MODIFICATION" | "IDEMPOTENCY_KEY_IN_USE";
                    /** Format: int64 */
                    currentIssuedCount?: number;
                };
            };
        };
        /** @description The coupon */
        Coupon: {
            headers: {
                "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Coupon"];
            };
        };
        /** @description Conflict */
        CouponAlreadyUsedOrReservationConflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_ALREADY_USED" | "RESERVATION_CONFLICT";
                    reason?: string;
                };
            };
        };
        /** @description Not Found */
        CouponCodeNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_CODE_NOT_FOUND";
                };
            };
        };
        /** @description Not Found */
        CouponCodeNotFoundOrUserNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_CODE_NOT_FOUND" | "USER_NOT_FOUND";
                };
            };
        };
        /** @description Gone */
        CouponExpired: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_EXPIRED";
                    expiresAt?: string;
                };
            };
        };
        /** @description Gone */
        CouponExpiredOrReservationExpired: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_EXPIRED" | "RESERVATION_EXPIRED";
                    expiresAt?: string;
                };
            };
        };
        /** @description Too Many Requests */
        CouponIssueLimitExceededOrRateLimited: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_ISSUE_LIMIT_EXCEEDED" | "RATE_LIMITED";
                    couponId?: string;
                    /** Format: int64 */
                    sequenceNo?: number;
                    /** Format: int64 */
                    limit?: number;
                    /** Format: int64 */
                    retryAfterSeconds?: number;
                };
            };
        };
        /** @description Unprocessable Entity */
        CouponNotApplicableOrIdempotencyKeyReused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_NOT_APPLICABLE" | "IDEMPOTENCY_KEY_REUSED";
                    reason?: string;
                };
            };
        };
        /** @description Bad Request */
        CouponNotAvailableOrValidationFailed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_NOT_AVAILABLE" | "VALIDATION_FAILED";
                    distributionType?: string;
                    couponStatus?: string;
                };
            };
        };
        /** @description Not Found */
        CouponNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_NOT_FOUND";
                };
            };
        };
        /** @description Not Found */
        CouponNotFoundOrUserNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_NOT_FOUND" | "USER_NOT_FOUND";
                };
            };
        };
        /** @description The coupon policy, created */
        CouponPolicy: {
            headers: {
                "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["CouponPolicy"];
            };
        };
        /** @description A page of the list: coupon policy */
        CouponPolicyList: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["CouponPolicyList"];
            };
        };
        /** @description Gone */
        CouponSoldOut: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_SOLD_OUT";
                };
            };
        };
        /** @description Gone */
        CouponSoldOutOrPolicyEnded: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_SOLD_OUT" | "POLICY_ENDED";
                };
            };
        };
        /** @description Conflict */
        CreateCouponPolicy409: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "DUPLICATE_COUPON_CODE" | "IDEMPOTENCY_KEY_IN_USE" | "STORE_NOT_OPEN";
                };
            };
        };
        /** @description Conflict */
        CreateNotificationJob409: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "ANNOUNCEMENT_LIMIT_EXCEEDED" | "IDEMPOTENCY_KEY_IN_USE" | "STORE_NOT_OPEN";
                    storeId?: string;
                    day?: string;
                };
            };
        };
        /** @description Done; without a body */
        Done: {
            headers: {
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description Done; without a body */
        DoneIdempotentReplayed: {
            headers: {
                "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description Conflict */
        DownloadCoupon409: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_ALREADY_ISSUED" | "COUPON_ALREADY_USED" | "IDEMPOTENCY_KEY_IN_USE";
                    couponId?: string;
                    /** Format: int64 */
                    sequenceNo?: number;
                };
            };
        };
        /** @description Of a dry run */
        DryRun: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["DryRun"];
            };
        };
        /** @description Conflict */
        EmailTakenOrIdempotencyKeyInUse: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "EMAIL_TAKEN" | "IDEMPOTENCY_KEY_IN_USE";
                };
            };
        };
        /** @description Conflict */
        IdempotencyKeyInUseOrImageLimitExceeded: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "IMAGE_LIMIT_EXCEEDED";
                    /** Format: int64 */
                    limit?: number;
                };
            };
        };
        /** @description Conflict */
        IdempotencyKeyInUseOrInsufficientPoints: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "INSUFFICIENT_POINTS";
                    available?: string;
                };
            };
        };
        /** @description Conflict */
        IdempotencyKeyInUseOrLastAdmin: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "LAST_ADMIN";
                };
            };
        };
        /** @description Conflict */
        IdempotencyKeyInUseOrMailNotConfigured: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "MAIL_NOT_CONFIGURED";
                };
            };
        };
        /** @description Conflict */
        IdempotencyKeyInUseOrNoticeJobEnded: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "NOTICE_JOB_ENDED";
                };
            };
        };
        /** @description Conflict */
        IdempotencyKeyInUseOrNoticeJobListClosed: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "NOTICE_JOB_LIST_CLOSED";
                };
            };
        };
        /** @description Conflict */
        IdempotencyKeyInUseOrOptimisticLockFailure: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "OPTIMISTIC_LOCK_FAILURE";
                    /** Format: int64 */
                    currentVersion?: number;
                };
            };
        };
        /** @description Conflict */
        IdempotencyKeyInUseOrOrderNotCancellable: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "ORDER_NOT_CANCELLABLE";
                    orderStatus?: string;
                    reason?: string;
                };
            };
        };
        /** @description Conflict */
        IdempotencyKeyInUseOrOrderNotRefundable: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "ORDER_NOT_REFUNDABLE";
                    reason?: string;
                };
            };
        };
        /** @description Conflict */
        IdempotencyKeyInUseOrOutOfStock: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "OUT_OF_STOCK";
                    productId?: string;
                    timeSaleId?: string;
                };
            };
        };
        /** @description Conflict */
        IdempotencyKeyInUseOrPolicyAlreadyOpen: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "POLICY_ALREADY_OPEN";
                };
            };
        };
        /** @description Conflict */
        IdempotencyKeyInUseOrReservationConflict: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "RESERVATION_CONFLICT";
                    reason?: string;
                };
            };
        };
        /** @description Conflict */
        IdempotencyKeyInUseOrStaffLimitExceeded: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "STAFF_LIMIT_EXCEEDED";
                    /** Format: int64 */
                    limit?: number;
                };
            };
        };
        /** @description Conflict */
        IdempotencyKeyInUseOrStoreLimitExceeded: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "STORE_LIMIT_EXCEEDED";
                    /** Format: int64 */
                    limit?: number;
                };
            };
        };
        /** @description Conflict */
        IdempotencyKeyInUseOrStoreNotOpen: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "STORE_NOT_OPEN";
                };
            };
        };
        /** @description Conflict */
        IdempotencyKeyInUseOrWebhookDisabled: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "WEBHOOK_DISABLED";
                };
            };
        };
        /** @description Conflict */
        IdempotencyKeyInUseOrWebhookLimitReached: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "WEBHOOK_LIMIT_REACHED";
                    /** Format: int64 */
                    max?: number;
                };
            };
        };
        /** @description Bad Request */
        IdempotencyKeyRequiredOrValidationFailed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_REQUIRED" | "VALIDATION_FAILED";
                };
            };
        };
        /** @description Unprocessable Entity */
        IdempotencyKeyReusedOrPointLimitExceeded: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_REUSED" | "POINT_LIMIT_EXCEEDED";
                    /** Format: int64 */
                    balance?: number;
                    /** Format: int64 */
                    limit?: number;
                };
            };
        };
        /** @description Not Found */
        ImageNotFoundOrStoreNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IMAGE_NOT_FOUND" | "STORE_NOT_FOUND";
                };
            };
        };
        /** @description Bad Request */
        IssueCoupon400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_NOT_AVAILABLE" | "POLICY_INACTIVE" | "POLICY_NOT_STARTED" | "VALIDATION_FAILED";
                    distributionType?: string;
                    couponStatus?: string;
                    validFrom?: string;
                };
            };
        };
        /** @description Conflict */
        IssueCoupon409: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_ALREADY_ISSUED" | "IDEMPOTENCY_KEY_IN_USE" | "POLICY_SUSPENDED";
                    couponId?: string;
                    /** Format: int64 */
                    sequenceNo?: number;
                };
            };
        };
        /** @description The issued coupon, created */
        IssuedCoupon: {
            headers: {
                "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["IssuedCoupon"];
            };
        };
        /** @description The job */
        Job: {
            headers: {
                "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                Location: components["headers"]["Location"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Job"];
            };
        };
        /** @description Not Found */
        JobNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "JOB_NOT_FOUND";
                };
            };
        };
        /** @description Gone */
        LinkInvalid: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "LINK_INVALID";
                };
            };
        };
        /** @description Forbidden */
        LogInUser403: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "ACCOUNT_LOCKED" | "FORBIDDEN" | "SCOPE_MISSING";
                    scope?: string;
                };
            };
        };
        /** @description Bad Request */
        LogoutTokenInvalidOrValidationFailed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "LOGOUT_TOKEN_INVALID" | "VALIDATION_FAILED";
                };
            };
        };
        /** @description Conflict */
        MailNotConfigured: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "MAIL_NOT_CONFIGURED";
                };
            };
        };
        /** @description The mail requested */
        MailRequested: {
            headers: {
                "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["MailRequested"];
            };
        };
        /** @description The managed store, created */
        ManagedStore: {
            headers: {
                "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ManagedStore"];
            };
        };
        /** @description Not Found */
        NotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "NOT_FOUND";
                };
            };
        };
        /** @description Not Found */
        NotFoundOrUserNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "NOT_FOUND" | "USER_NOT_FOUND";
                };
            };
        };
        /** @description Not Found */
        NoticeJobNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "NOTICE_JOB_NOT_FOUND";
                };
            };
        };
        /** @description The notification job */
        NotificationJob: {
            headers: {
                "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["NotificationJob"];
            };
        };
        /** @description Not Found */
        NotificationNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "NOTIFICATION_NOT_FOUND";
                };
            };
        };
        /** @description Any other refusal, or a failure */
        OpenBodyProblem: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "DEPENDENCY_UNAVAILABLE" | "INTERNAL_ERROR" | "OVERLOADED" | "PAYLOAD_TOO_LARGE" | "RATE_LIMITED" | "UNSUPPORTED_MEDIA_TYPE" | "VALIDATION_FAILED";
                    /** Format: int64 */
                    retryAfterSeconds?: number;
                };
            };
        };
        /** @description Any other refusal, or a failure */
        OpenUnlimitedProblem: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "DEPENDENCY_UNAVAILABLE" | "INTERNAL_ERROR" | "OVERLOADED" | "VALIDATION_FAILED";
                };
            };
        };
        /** @description The order, created */
        Order: {
            headers: {
                "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Order"];
            };
        };
        /** @description Gone */
        OrderExpiredOrReservationExpired: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "ORDER_EXPIRED" | "RESERVATION_EXPIRED";
                    expiresAt?: string;
                };
            };
        };
        /** @description Not Found */
        OrderNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "ORDER_NOT_FOUND";
                };
            };
        };
        /** @description Not Found */
        OrderNotFoundOrUserNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "ORDER_NOT_FOUND" | "USER_NOT_FOUND";
                };
            };
        };
        /** @description Conflict */
        PayOrder409: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "INSUFFICIENT_POINTS" | "ORDER_NOT_PAYABLE" | "PAYMENT_AMOUNT_MISMATCH" | "RESERVATION_CONFLICT";
                    available?: string;
                    reason?: string;
                    /** Format: int64 */
                    total?: number;
                    /** Format: int64 */
                    paid?: number;
                };
            };
        };
        /** @description Payment Required */
        PaymentDeclined: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "PAYMENT_DECLINED";
                    reason?: string;
                };
            };
        };
        /** @description Not Found */
        PaymentNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "PAYMENT_NOT_FOUND";
                };
            };
        };
        /** @description Bad Request */
        PlaceOrder400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_NOT_AVAILABLE" | "IDEMPOTENCY_KEY_REQUIRED" | "MINIMUM_ORDER_NOT_MET" | "TIME_SALE_NOT_ACTIVE" | "VALIDATION_FAILED";
                    distributionType?: string;
                    couponStatus?: string;
                    /** Format: int64 */
                    minimumOrderAmount?: number;
                    timeSaleId?: string;
                    saleStatus?: string;
                };
            };
        };
        /** @description Not Found */
        PlaceOrder404: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_NOT_FOUND" | "PRODUCT_NOT_FOUND" | "TIME_SALE_NOT_FOUND" | "USER_NOT_FOUND";
                    productId?: string;
                    timeSaleId?: string;
                };
            };
        };
        /** @description Conflict */
        PlaceOrder409: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_ALREADY_USED" | "IDEMPOTENCY_KEY_IN_USE" | "INSUFFICIENT_POINTS" | "OPEN_ORDER_LIMIT_EXCEEDED" | "OUT_OF_STOCK" | "POLICY_SUSPENDED" | "PRICE_CHANGED" | "PURCHASE_LIMIT_EXCEEDED" | "RESERVATION_CONFLICT";
                    available?: string;
                    /** Format: int64 */
                    limit?: number;
                    productId?: string;
                    timeSaleId?: string;
                    /** Format: int64 */
                    total?: number;
                    bought?: string;
                    reason?: string;
                };
            };
        };
        /** @description Gone */
        PlaceOrder410: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_EXPIRED" | "ORDER_EXPIRED" | "RESERVATION_EXPIRED";
                    expiresAt?: string;
                };
            };
        };
        /** @description The point transaction */
        PointTransaction: {
            headers: {
                "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["PointTransaction"];
            };
        };
        /** @description Not Found */
        PointTransactionNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "POINT_TRANSACTION_NOT_FOUND";
                };
            };
        };
        /** @description Gone */
        PolicyEnded: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "POLICY_ENDED";
                };
            };
        };
        /** @description Bad Request */
        PolicyInactiveOrValidationFailed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "POLICY_INACTIVE" | "VALIDATION_FAILED";
                };
            };
        };
        /** @description Not Found */
        PolicyNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "POLICY_NOT_FOUND";
                };
            };
        };
        /** @description Not Found */
        PolicyNotFoundOrStoreNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "POLICY_NOT_FOUND" | "STORE_NOT_FOUND";
                };
            };
        };
        /** @description Not Found */
        PolicyNotFoundOrUserNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "POLICY_NOT_FOUND" | "USER_NOT_FOUND";
                };
            };
        };
        /** @description Not Found */
        ProductNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "PRODUCT_NOT_FOUND";
                    productId?: string;
                };
            };
        };
        /** @description Conflict */
        PushNotConfigured: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "PUSH_NOT_CONFIGURED";
                };
            };
        };
        /** @description Conflict */
        ReleaseReservation409: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_ALREADY_USED" | "IDEMPOTENCY_KEY_IN_USE" | "RESERVATION_CONFLICT";
                    reason?: string;
                };
            };
        };
        /** @description Conflict */
        ReplayWebhookDelivery409: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "WEBHOOK_DELIVERY_ERASED" | "WEBHOOK_DISABLED";
                };
            };
        };
        /** @description The reservation */
        Reservation: {
            headers: {
                "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Reservation"];
            };
        };
        /** @description Conflict */
        ReservationConflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "RESERVATION_CONFLICT";
                    reason?: string;
                };
            };
        };
        /** @description Gone */
        ReservationExpired: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "RESERVATION_EXPIRED";
                    expiresAt?: string;
                };
            };
        };
        /** @description Not Found */
        ReservationNotFoundOrUserNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "RESERVATION_NOT_FOUND" | "USER_NOT_FOUND";
                };
            };
        };
        /** @description Bad Request */
        ReserveCoupon400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_NOT_AVAILABLE" | "MINIMUM_ORDER_NOT_MET" | "VALIDATION_FAILED";
                    distributionType?: string;
                    couponStatus?: string;
                    /** Format: int64 */
                    minimumOrderAmount?: number;
                };
            };
        };
        /** @description Conflict */
        ReserveCoupon409: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_ALREADY_USED" | "IDEMPOTENCY_KEY_IN_USE" | "POLICY_SUSPENDED" | "RESERVATION_CONFLICT";
                    reason?: string;
                };
            };
        };
        /** @description Unprocessable Entity */
        ReserveCoupon422: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "COUPON_NOT_APPLICABLE" | "COUPON_NOT_STACKABLE" | "IDEMPOTENCY_KEY_REUSED";
                    reason?: string;
                };
            };
        };
        /** @description Conflict */
        SavePushSubscription409: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "PUSH_ENDPOINT_TAKEN" | "PUSH_NOT_CONFIGURED";
                };
            };
        };
        /** @description Any other refusal, or a failure */
        ScopedBodyKeyedProblem: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "DEPENDENCY_UNAVAILABLE" | "FORBIDDEN" | "IDEMPOTENCY_KEY_IN_USE" | "IDEMPOTENCY_KEY_REUSED" | "INTERNAL_ERROR" | "OVERLOADED" | "PAYLOAD_TOO_LARGE" | "RATE_LIMITED" | "SCOPE_MISSING" | "UNAUTHENTICATED" | "UNSUPPORTED_MEDIA_TYPE" | "VALIDATION_FAILED";
                    /** Format: int64 */
                    retryAfterSeconds?: number;
                    scope?: string;
                    reason?: string;
                };
            };
        };
        /** @description Any other refusal, or a failure */
        ScopedBodyProblem: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "DEPENDENCY_UNAVAILABLE" | "FORBIDDEN" | "INTERNAL_ERROR" | "OVERLOADED" | "PAYLOAD_TOO_LARGE" | "RATE_LIMITED" | "SCOPE_MISSING" | "UNAUTHENTICATED" | "UNSUPPORTED_MEDIA_TYPE" | "VALIDATION_FAILED";
                    /** Format: int64 */
                    retryAfterSeconds?: number;
                    scope?: string;
                    reason?: string;
                };
            };
        };
        /** @description Any other refusal, or a failure */
        ScopedFileKeyedProblem: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "DEPENDENCY_UNAVAILABLE" | "FORBIDDEN" | "IDEMPOTENCY_KEY_IN_USE" | "IDEMPOTENCY_KEY_REUSED" | "INTERNAL_ERROR" | "OVERLOADED" | "PAYLOAD_TOO_LARGE" | "RATE_LIMITED" | "REQUEST_TIMEOUT" | "SCOPE_MISSING" | "UNAUTHENTICATED" | "UNSUPPORTED_MEDIA_TYPE" | "VALIDATION_FAILED";
                    /** Format: int64 */
                    retryAfterSeconds?: number;
                    scope?: string;
                    reason?: string;
                };
            };
        };
        /** @description Any other refusal, or a failure */
        ScopedKeyedProblem: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "DEPENDENCY_UNAVAILABLE" | "FORBIDDEN" | "IDEMPOTENCY_KEY_IN_USE" | "IDEMPOTENCY_KEY_REUSED" | "INTERNAL_ERROR" | "OVERLOADED" | "RATE_LIMITED" | "SCOPE_MISSING" | "UNAUTHENTICATED" | "VALIDATION_FAILED";
                    /** Format: int64 */
                    retryAfterSeconds?: number;
                    scope?: string;
                    reason?: string;
                };
            };
        };
        /** @description Any other refusal, or a failure */
        ScopedProblem: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "DEPENDENCY_UNAVAILABLE" | "FORBIDDEN" | "INTERNAL_ERROR" | "OVERLOADED" | "RATE_LIMITED" | "SCOPE_MISSING" | "UNAUTHENTICATED" | "VALIDATION_FAILED";
                    /** Format: int64 */
                    retryAfterSeconds?: number;
                    scope?: string;
                    reason?: string;
                };
            };
        };
        /** @description A page for people */
        ShowUnsubscribePage200: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /** @example <!doctype html>… */
                "text/html": string;
            };
        };
        /** @description A page of the list: store */
        StoreList: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["StoreList"];
            };
        };
        /** @description Not Found */
        StoreNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "STORE_NOT_FOUND";
                };
            };
        };
        /** @description Not Found */
        StoreNotFoundOrUserNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "STORE_NOT_FOUND" | "USER_NOT_FOUND";
                };
            };
        };
        /** @description Conflict */
        StoreNotOpen: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "STORE_NOT_OPEN";
                };
            };
        };
        /** @description Not Found */
        SuppressionNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "SUPPRESSION_NOT_FOUND";
                };
            };
        };
        /** @description The time sale */
        TimeSale: {
            headers: {
                "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["TimeSale"];
            };
        };
        /** @description Bad Request */
        TimeSaleNotActiveOrValidationFailed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "TIME_SALE_NOT_ACTIVE" | "VALIDATION_FAILED";
                    timeSaleId?: string;
                    saleStatus?: string;
                };
            };
        };
        /** @description Not Found */
        TimeSaleNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "TIME_SALE_NOT_FOUND";
                    timeSaleId?: string;
                };
            };
        };
        /** @description The tokens */
        Tokens: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Tokens"];
            };
        };
        /** @description The unread count */
        UnreadCount: {
            headers: {
                "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["UnreadCount"];
            };
        };
        /** @description The coupon policy */
        UpdateCouponPolicy200: {
            headers: {
                "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["CouponPolicy"];
            };
        };
        /** @description Conflict */
        UpdateCouponPolicy409: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "CONCURRENT_MODIFICATION" | "DUPLICATE_COUPON_CODE" | "IDEMPOTENCY_KEY_IN_USE" | "OPTIMISTIC_LOCK_FAILURE" | "STORE_NOT_OPEN";
                    /** Format: int64 */
                    currentIssuedCount?: number;
                    /** Format: int64 */
                    currentVersion?: number;
                };
            };
        };
        /** @description Conflict */
        UpdateProduct409: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "IDEMPOTENCY_KEY_IN_USE" | "OPTIMISTIC_LOCK_FAILURE" | "OUT_OF_STOCK";
                    /** Format: int64 */
                    currentVersion?: number;
                    productId?: string;
                    timeSaleId?: string;
                };
            };
        };
        /** @description The user */
        User: {
            headers: {
                "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["User"];
            };
        };
        /** @description Any other refusal, or a failure */
        UserBodyKeyedProblem: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "DEPENDENCY_UNAVAILABLE" | "FORBIDDEN" | "IDEMPOTENCY_KEY_IN_USE" | "IDEMPOTENCY_KEY_REUSED" | "INTERNAL_ERROR" | "OVERLOADED" | "PAYLOAD_TOO_LARGE" | "RATE_LIMITED" | "UNAUTHENTICATED" | "UNSUPPORTED_MEDIA_TYPE" | "VALIDATION_FAILED";
                    /** Format: int64 */
                    retryAfterSeconds?: number;
                    reason?: string;
                };
            };
        };
        /** @description Any other refusal, or a failure */
        UserKeyedProblem: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "DEPENDENCY_UNAVAILABLE" | "FORBIDDEN" | "IDEMPOTENCY_KEY_IN_USE" | "IDEMPOTENCY_KEY_REUSED" | "INTERNAL_ERROR" | "OVERLOADED" | "RATE_LIMITED" | "UNAUTHENTICATED" | "VALIDATION_FAILED";
                    /** Format: int64 */
                    retryAfterSeconds?: number;
                    reason?: string;
                };
            };
        };
        /** @description Not Found */
        UserNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "USER_NOT_FOUND";
                };
            };
        };
        /** @description Any other refusal, or a failure */
        UserProblem: {
            headers: {
                "Retry-After": components["headers"]["RetryAfter"];
                RateLimit: components["headers"]["RateLimit"];
                "RateLimit-Policy": components["headers"]["RateLimitPolicy"];
                "WWW-Authenticate": components["headers"]["WwwAuthenticate"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "DEPENDENCY_UNAVAILABLE" | "FORBIDDEN" | "INTERNAL_ERROR" | "OVERLOADED" | "RATE_LIMITED" | "UNAUTHENTICATED" | "VALIDATION_FAILED";
                    /** Format: int64 */
                    retryAfterSeconds?: number;
                    reason?: string;
                };
            };
        };
        /** @description The webhook delivery */
        WebhookDelivery: {
            headers: {
                "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["WebhookDelivery"];
            };
        };
        /** @description Not Found */
        WebhookDeliveryNotFoundOrWebhookNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "WEBHOOK_DELIVERY_NOT_FOUND" | "WEBHOOK_NOT_FOUND";
                };
            };
        };
        /** @description Not Found */
        WebhookNotFound: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "WEBHOOK_NOT_FOUND";
                };
            };
        };
        /** @description Unauthorized */
        WebhookSignatureInvalid: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"] & {
                    /** @enum {string} */
                    code?: "WEBHOOK_SIGNATURE_INVALID";
                };
            };
        };
    };
    parameters: {
        /**
         * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
         * @example 7330011234567890
         */
        ActingUser: string;
        /** @example 7330011234567890 */
        ChargeId: components["schemas"]["Id"];
        /** @example 7330011234567890 */
        CheckCouponIssuedUserId: components["schemas"]["UserReference"];
        /** @example 7K3WQ-M9T2B-XR4Z */
        CouponCode: string;
        /** @example 7330011234567890 */
        CouponId: components["schemas"]["Id"];
        /** @example 7330011234567890 */
        DeliveryId: components["schemas"]["Id"];
        DistributionType: components["schemas"]["DistributionType"];
        /** @description true: nothing changes, and the response is what would happen */
        DryRun: "true" | "false";
        /** @example 7330011234567890 */
        Id: components["schemas"]["Id"];
        /**
         * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
         * @example 7f3c2a4e-1
         */
        IdempotencyKey: string;
        /** @example 7330011234567890 */
        ImageId: components["schemas"]["Id"];
        IssuerName: string;
        /**
         * @description 1 to 100, default 10
         * @example 10
         */
        Limit: number;
        /** @description As in the URL of an image */
        Name: string;
        /** @example 7330011234567890 */
        OrderId: components["schemas"]["Id"];
        /**
         * @description As /llms.txt links it
         * @example events.md
         */
        Page: string;
        /** @description nextCursor of the previous page */
        PageCursor: string;
        /**
         * @description 1 to 100, default 20
         * @example 20
         */
        PageLimit: number;
        /** @example 7330011234567890 */
        PaymentId: components["schemas"]["Id"];
        /** @example 7330011234567890 */
        PolicyId: components["schemas"]["Id"];
        Ref: string;
        /**
         * @description Its user. A machine or administrator that names one also finds what that customer reserved; without one, only what machines reserved.
         * @example 7330011234567890
         */
        ReleaseReservationUserId: components["schemas"]["UserReference"];
        /**
         * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
         * @example 7f3c2a4e-1
         */
        RequiredIdempotencyKey: string;
        /**
         * @description Chosen by the caller
         * @example checkout-1001-1
         */
        ReservationId: string;
        /** @description From the link in the mail */
        ShowEmailVerificationPageToken: string;
        Status: components["schemas"]["CouponPolicyStatus"];
        /** @example 7330011234567890 */
        StoreId: components["schemas"]["Id"];
        /** @example 7330011234567890 */
        TimeSaleId: components["schemas"]["Id"];
        Token: string;
        /** @example 7330011234567890 */
        User: components["schemas"]["UserReference"];
        /** @example 7330011234567890 */
        UserId: components["schemas"]["UserReference"];
        /**
         * @description The same in every attempt to deliver it
         * @example msg_2Kx9
         */
        "Webhook-id": string;
        /**
         * @description The time of this attempt, in seconds since 1970
         * @example 2051226120
         */
        "Webhook-timestamp": string;
    };
    requestBodies: {
        EmptyRequest: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["EmptyRequest"];
            };
        };
        ImageUpload: {
            content: {
                /**
                 * @example {
                 *       "image": "(bytes of the image)"
                 *     }
                 */
                "multipart/form-data": components["schemas"]["ImageUpload"];
            };
        };
        IssueCouponsFromCsv: {
            content: {
                /**
                 * @example userId
                 *     42
                 *     43
                 */
                "text/csv": string;
            };
        };
        MailAddressRequest: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com"
                 *     }
                 */
                "application/json": components["schemas"]["MailAddressRequest"];
            };
        };
        ReasonRequest: {
            content: {
                /**
                 * @example {
                 *       "reason": "The discount is wrong"
                 *     }
                 */
                "application/json": components["schemas"]["ReasonRequest"];
            };
        };
        RefreshTokenRequest: {
            content: {
                /**
                 * @example {
                 *       "refreshToken": "rt_stampede_7330011234567891_…"
                 *     }
                 */
                "application/json": components["schemas"]["RefreshTokenRequest"];
            };
        };
        ReserveCouponRequest: {
            content: {
                /**
                 * @example {
                 *       "reservationId": "checkout-1001-1",
                 *       "userId": "1001",
                 *       "couponId": "7330011234567891",
                 *       "lines": [
                 *         {
                 *           "storeId": "7330011234567000",
                 *           "productId": "7330011234567892",
                 *           "amount": 32000
                 *         }
                 *       ],
                 *       "orderId": "order-5001"
                 *     }
                 */
                "application/json": components["schemas"]["ReserveCouponRequest"];
            };
        };
    };
    headers: {
        /**
         * @description Present when this is the response of the first request with the same Idempotency-Key
         * @example true
         */
        IdempotentReplayed: "true";
        /**
         * @description The path of what was created
         * @example /api/v1/jobs/7330011234567893
         */
        Location: string;
        /**
         * @description What is left of the limit: requests (r), and seconds until it is whole again (t)
         * @example "default";r=99;t=60
         */
        RateLimit: string;
        /**
         * @description The limit: requests (q) in a window of seconds (w)
         * @example "default";q=100;w=60
         */
        RateLimitPolicy: string;
        /**
         * @description Seconds after which the same request may be sent again
         * @example 1
         */
        RetryAfter: number;
        /**
         * @description Why the credential is not accepted (RFC 6750, section 3)
         * @example Bearer realm="stampede", error="invalid_token", error_description="The access token expired"
         */
        WwwAuthenticate: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    signUpUser: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com",
                 *       "password": "correct horse battery",
                 *       "name": "Ada",
                 *       "role": "CUSTOMER"
                 *     }
                 */
                "application/json": components["schemas"]["SignUpUserRequest"];
            };
        };
        responses: {
            /** @description The user, created */
            201: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description With mail configured */
            202: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MailRequested"];
                };
            };
            409: components["responses"]["EmailTakenOrIdempotencyKeyInUse"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    logInUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com",
                 *       "password": "correct horse battery"
                 *     }
                 */
                "application/json": components["schemas"]["LogInUserRequest"];
            };
        };
        responses: {
            200: components["responses"]["Tokens"];
            403: components["responses"]["LogInUser403"];
            default: components["responses"]["ScopedBodyProblem"];
        };
    };
    refreshTokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["RefreshTokenRequest"];
        responses: {
            200: components["responses"]["Tokens"];
            default: components["responses"]["ScopedBodyProblem"];
        };
    };
    logOutUser: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["RefreshTokenRequest"];
        responses: {
            204: components["responses"]["Done"];
            default: components["responses"]["ScopedBodyProblem"];
        };
    };
    getProfile: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            404: components["responses"]["UserNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    deleteAccount: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            404: components["responses"]["UserNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrLastAdmin"];
            default: components["responses"]["UserKeyedProblem"];
        };
    };
    updateProfile: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "marketingConsent": true
                 *     }
                 */
                "application/json": components["schemas"]["UpdateProfileRequest"];
            };
        };
        responses: {
            200: components["responses"]["User"];
            404: components["responses"]["UserNotFound"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    replaceProfileImage: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["ImageUpload"];
        responses: {
            200: components["responses"]["User"];
            404: components["responses"]["UserNotFound"];
            default: components["responses"]["ScopedFileKeyedProblem"];
        };
    };
    deleteProfileImage: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            404: components["responses"]["UserNotFound"];
            default: components["responses"]["ScopedKeyedProblem"];
        };
    };
    changePassword: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "currentPassword": "correct horse battery",
                 *       "newPassword": "staple of another kind"
                 *     }
                 */
                "application/json": components["schemas"]["ChangePasswordRequest"];
            };
        };
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            404: components["responses"]["UserNotFound"];
            default: components["responses"]["UserBodyKeyedProblem"];
        };
    };
    getFile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description As in the URL of an image */
                name: components["parameters"]["Name"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Read an uploaded image */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example (bytes of the image) */
                    "image/webp": string;
                };
            };
            404: components["responses"]["NotFound"];
            default: components["responses"]["OpenUnlimitedProblem"];
        };
    };
    verifyEmail: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "Zm9yLW9uZS11c2Utb25seS1hbmQtZm9yLW9uZS1kYXk"
                 *     }
                 */
                "application/json": components["schemas"]["MailTokenRequest"];
            };
        };
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            409: components["responses"]["IdempotencyKeyInUseOrMailNotConfigured"];
            410: components["responses"]["LinkInvalid"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    requestEmailVerification: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["MailAddressRequest"];
        responses: {
            202: components["responses"]["MailRequested"];
            409: components["responses"]["IdempotencyKeyInUseOrMailNotConfigured"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    requestPasswordReset: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["MailAddressRequest"];
        responses: {
            202: components["responses"]["MailRequested"];
            409: components["responses"]["IdempotencyKeyInUseOrMailNotConfigured"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    resetPassword: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "Zm9yLW9uZS11c2Utb25seS1hbmQtZm9yLW9uZS1kYXk",
                 *       "newPassword": "staple of another kind"
                 *     }
                 */
                "application/json": components["schemas"]["ResetPasswordRequest"];
            };
        };
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            409: components["responses"]["IdempotencyKeyInUseOrMailNotConfigured"];
            410: components["responses"]["LinkInvalid"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    listApiKeys: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: api key */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKeyList"];
                };
            };
            default: components["responses"]["UserProblem"];
        };
    };
    createApiKey: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "till",
                 *       "scopes": [
                 *         "coupons:issue"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["CreateApiKeyRequest"];
            };
        };
        responses: {
            /** @description The new api key, created */
            201: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NewApiKey"];
                };
            };
            default: components["responses"]["UserBodyKeyedProblem"];
        };
    };
    revokeApiKey: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            404: components["responses"]["ApiKeyNotFound"];
            default: components["responses"]["UserKeyedProblem"];
        };
    };
    updateApiKey: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "rateLimit": 600
                 *     }
                 */
                "application/json": components["schemas"]["UpdateApiKeyRequest"];
            };
        };
        responses: {
            /** @description The api key */
            200: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApiKey"];
                };
            };
            404: components["responses"]["ApiKeyNotFound"];
            default: components["responses"]["UserBodyKeyedProblem"];
        };
    };
    listUsers: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
                /** @description In any case */
                email?: string;
                /**
                 * @description ext:<issuer name>:<subject>; the list has this user, or none
                 * @example ext:keycloak:3f6c1a52
                 */
                externalId?: string;
                role?: components["schemas"]["UserRole"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: user */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserList"];
                };
            };
            default: components["responses"]["ScopedProblem"];
        };
    };
    getUser: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["User"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The managed user */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManagedUser"];
                };
            };
            404: components["responses"]["UserNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    updateUser: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["User"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "status": "LOCKED"
                 *     }
                 */
                "application/json": components["schemas"]["UpdateUserRequest"];
            };
        };
        responses: {
            /** @description The managed user */
            200: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManagedUser"];
                };
            };
            404: components["responses"]["UserNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrLastAdmin"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    listAuditLines: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
                /** @example user:42 */
                actor?: string;
                /** @description The id of a user, a policy, an order, …; of a user of another issuer the external id, too */
                subject?: string & (unknown & unknown);
                /** @example 2035-01-01T10:00:00Z */
                from?: components["schemas"]["Instant"];
                /**
                 * @description Exclusive
                 * @example 2035-01-01T10:00:00Z
                 */
                to?: components["schemas"]["Instant"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: audit line */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditLineList"];
                };
            };
            404: components["responses"]["UserNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    endIssuerSessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                issuerName: components["parameters"]["IssuerName"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "logout_token": "eyJhbGciOiJSUzI1NiIsInR5cCI6ImxvZ291dCtqd3QifQ.eyJpc3MiOiJ…"
                 *     }
                 */
                "application/json": components["schemas"]["EndIssuerSessionsRequest"];
                /**
                 * @example {
                 *       "logout_token": "eyJhbGciOiJSUzI1NiIsInR5cCI6ImxvZ291dCtqd3QifQ.eyJpc3MiOiJ…"
                 *     }
                 */
                "application/x-www-form-urlencoded": components["schemas"]["EndIssuerSessionsRequest"];
            };
        };
        responses: {
            /** @description The end issuer sessions response */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EndIssuerSessionsResponse"];
                };
            };
            400: components["responses"]["LogoutTokenInvalidOrValidationFailed"];
            default: components["responses"]["ScopedBodyProblem"];
        };
    };
    listCouponPolicies: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
                status?: components["parameters"]["Status"];
                distributionType?: components["parameters"]["DistributionType"];
                /** @example 7330011234567890 */
                storeId?: components["parameters"]["StoreId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["CouponPolicyList"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    createCouponPolicy: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Opening day, 3,000 won off",
                 *       "description": "For the first 10,000 customers",
                 *       "discountType": "FIXED_AMOUNT",
                 *       "discountValue": 3000,
                 *       "minimumOrderAmount": 10000,
                 *       "distributionType": "FIRST_COME",
                 *       "maxIssueCount": 10000,
                 *       "maxIssuePerUser": 1,
                 *       "validDays": 30,
                 *       "validFrom": "2035-01-01T01:00:00Z",
                 *       "validUntil": "2039-12-31T15:00:00Z",
                 *       "timezone": "Asia/Seoul"
                 *     }
                 */
                "application/json": components["schemas"]["CreateCouponPolicyRequest"];
            };
        };
        responses: {
            201: components["responses"]["CouponPolicy"];
            404: components["responses"]["StoreNotFound"];
            409: components["responses"]["CreateCouponPolicy409"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    updateCouponPolicy: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Opening day, 3,000 won off",
                 *       "description": "For the first 10,000 customers",
                 *       "discountType": "FIXED_AMOUNT",
                 *       "discountValue": 3000,
                 *       "minimumOrderAmount": 10000,
                 *       "distributionType": "FIRST_COME",
                 *       "maxIssueCount": 10000,
                 *       "maxIssuePerUser": 1,
                 *       "validDays": 30,
                 *       "validFrom": "2035-01-01T01:00:00Z",
                 *       "validUntil": "2039-12-31T15:00:00Z",
                 *       "timezone": "Asia/Seoul",
                 *       "version": 1,
                 *       "applyToIssued": false
                 *     }
                 */
                "application/json": components["schemas"]["UpdateCouponPolicyRequest"];
            };
        };
        responses: {
            200: components["responses"]["UpdateCouponPolicy200"];
            404: components["responses"]["PolicyNotFoundOrStoreNotFound"];
            409: components["responses"]["UpdateCouponPolicy409"];
            410: components["responses"]["PolicyEnded"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    cloneCouponPolicy: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Opening day, again",
                 *       "validFrom": "2036-01-01T10:00:00Z",
                 *       "validUntil": "2036-02-01T10:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["CloneCouponPolicyRequest"];
            };
        };
        responses: {
            201: components["responses"]["CouponPolicy"];
            404: components["responses"]["PolicyNotFoundOrStoreNotFound"];
            409: components["responses"]["CreateCouponPolicy409"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    listStoreCouponPolicies: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
                status?: components["parameters"]["Status"];
                distributionType?: components["parameters"]["DistributionType"];
            };
            header?: never;
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["CouponPolicyList"];
            404: components["responses"]["StoreNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    getCouponPolicy: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The coupon policy */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CouponPolicy"];
                };
            };
            404: components["responses"]["PolicyNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    activateCouponPolicy: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["EmptyRequest"];
        responses: {
            200: components["responses"]["UpdateCouponPolicy200"];
            400: components["responses"]["PolicyInactiveOrValidationFailed"];
            404: components["responses"]["PolicyNotFound"];
            410: components["responses"]["PolicyEnded"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    pauseCouponPolicy: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["EmptyRequest"];
        responses: {
            200: components["responses"]["UpdateCouponPolicy200"];
            400: components["responses"]["PolicyInactiveOrValidationFailed"];
            404: components["responses"]["PolicyNotFound"];
            410: components["responses"]["PolicyEnded"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    endCouponPolicy: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["EmptyRequest"];
        responses: {
            200: components["responses"]["UpdateCouponPolicy200"];
            400: components["responses"]["PolicyInactiveOrValidationFailed"];
            404: components["responses"]["PolicyNotFound"];
            410: components["responses"]["PolicyEnded"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    suspendCouponPolicy: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["ReasonRequest"];
        responses: {
            200: components["responses"]["UpdateCouponPolicy200"];
            404: components["responses"]["PolicyNotFound"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    resumeCouponPolicy: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["EmptyRequest"];
        responses: {
            200: components["responses"]["UpdateCouponPolicy200"];
            404: components["responses"]["PolicyNotFound"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    withdrawIssuedCoupons: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["ReasonRequest"];
        responses: {
            202: components["responses"]["Job"];
            404: components["responses"]["PolicyNotFound"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    setCouponPolicyQuantity: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "newMaxIssueCount": 12000,
                 *       "modifiedBy": "jane",
                 *       "reason": "The sponsor added 2,000"
                 *     }
                 */
                "application/json": components["schemas"]["SetCouponPolicyQuantityRequest"];
            };
        };
        responses: {
            /** @description The coupon policy quantity */
            200: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CouponPolicyQuantity"];
                };
            };
            404: components["responses"]["PolicyNotFound"];
            409: components["responses"]["ConcurrentModificationOrIdempotencyKeyInUse"];
            410: components["responses"]["PolicyEnded"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    getCouponStock: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7330011234567890 */
                policyId: components["parameters"]["PolicyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The coupon stock */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CouponStock"];
                };
            };
            404: components["responses"]["PolicyNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    streamCouponStock: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7330011234567890 */
                policyId: components["parameters"]["PolicyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A stream of server-sent events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example event: stock
                     *     data: {"couponPolicyId":"7330011234567890","remainingStock":9999,"available":true}
                     */
                    "text/event-stream": string;
                };
            };
            404: components["responses"]["PolicyNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    checkCouponIssued: {
        parameters: {
            query?: {
                /** @example 7330011234567890 */
                userId?: components["parameters"]["CheckCouponIssuedUserId"];
            };
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path: {
                /** @example 7330011234567890 */
                policyId: components["parameters"]["PolicyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Check whether a user has a coupon of a policy */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example true */
                    "application/json": boolean;
                };
            };
            404: components["responses"]["NotFoundOrUserNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    listUserCoupons: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
                /**
                 * @description Any of AVAILABLE, UNUSED, USED, EXPIRED, separated by commas
                 * @example AVAILABLE,USED
                 */
                status?: string;
            };
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path: {
                /** @example 7330011234567890 */
                userId: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: user coupon */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserCouponList"];
                };
            };
            404: components["responses"]["NotFoundOrUserNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    reserveCoupon: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["ReserveCouponRequest"];
        responses: {
            /** @description The reserved coupon */
            200: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReservedCoupon"];
                };
            };
            400: components["responses"]["ReserveCoupon400"];
            404: components["responses"]["CouponNotFoundOrUserNotFound"];
            409: components["responses"]["ReserveCoupon409"];
            410: components["responses"]["CouponExpiredOrReservationExpired"];
            422: components["responses"]["ReserveCoupon422"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    applyCoupon: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: components["requestBodies"]["ReserveCouponRequest"];
        responses: {
            /** @description The applied coupon */
            200: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AppliedCoupon"];
                };
            };
            400: components["responses"]["ReserveCoupon400"];
            404: components["responses"]["CouponNotFoundOrUserNotFound"];
            409: components["responses"]["ReserveCoupon409"];
            410: components["responses"]["CouponExpiredOrReservationExpired"];
            422: components["responses"]["ReserveCoupon422"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    releaseReservation: {
        parameters: {
            query?: {
                /**
                 * @description Its user. A machine or administrator that names one also finds what that customer reserved; without one, only what machines reserved.
                 * @example 7330011234567890
                 */
                userId?: components["parameters"]["ReleaseReservationUserId"];
            };
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /**
                 * @description Chosen by the caller
                 * @example checkout-1001-1
                 */
                reservationId: components["parameters"]["ReservationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            404: components["responses"]["ReservationNotFoundOrUserNotFound"];
            409: components["responses"]["ReleaseReservation409"];
            default: components["responses"]["ScopedKeyedProblem"];
        };
    };
    confirmReservation: {
        parameters: {
            query?: {
                /**
                 * @description Its user. A machine or administrator that names one also finds what that customer reserved; without one, only what machines reserved.
                 * @example 7330011234567890
                 */
                userId?: components["parameters"]["ReleaseReservationUserId"];
            };
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /**
                 * @description Chosen by the caller
                 * @example checkout-1001-1
                 */
                reservationId: components["parameters"]["ReservationId"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["EmptyRequest"];
        responses: {
            200: components["responses"]["Reservation"];
            404: components["responses"]["UserNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrReservationConflict"];
            410: components["responses"]["ReservationExpired"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    extendReservation: {
        parameters: {
            query?: {
                /**
                 * @description Its user. A machine or administrator that names one also finds what that customer reserved; without one, only what machines reserved.
                 * @example 7330011234567890
                 */
                userId?: components["parameters"]["ReleaseReservationUserId"];
            };
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /**
                 * @description Chosen by the caller
                 * @example checkout-1001-1
                 */
                reservationId: components["parameters"]["ReservationId"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["EmptyRequest"];
        responses: {
            200: components["responses"]["Reservation"];
            404: components["responses"]["ReservationNotFoundOrUserNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrReservationConflict"];
            410: components["responses"]["ReservationExpired"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    quoteCart: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "lines": [
                 *         {
                 *           "storeId": "7330011234567000",
                 *           "productId": "7330011234567892",
                 *           "amount": 32000
                 *         }
                 *       ],
                 *       "codes": [
                 *         "7K3WQ-M9T2B-XR4Z"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["QuoteCartRequest"];
            };
        };
        responses: {
            /** @description The cart quote */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CartQuote"];
                };
            };
            404: components["responses"]["UserNotFound"];
            default: components["responses"]["ScopedBodyProblem"];
        };
    };
    getCoupon: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path: {
                /** @example 7330011234567890 */
                couponId: components["parameters"]["CouponId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The coupon record */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CouponRecord"];
                };
            };
            404: components["responses"]["CouponNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    listPolicyCoupons: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
                status?: components["schemas"]["CouponStatus"];
                /** @example 7330011234567890 */
                userId?: components["parameters"]["CheckCouponIssuedUserId"];
            };
            header?: never;
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: coupon */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CouponList"];
                };
            };
            404: components["responses"]["PolicyNotFoundOrUserNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    getReservation: {
        parameters: {
            query?: {
                /**
                 * @description Its user, whichever caller reserved. Without one only what machines and administrators reserved is searched
                 * @example 7330011234567890
                 */
                userId?: components["schemas"]["UserReference"];
            };
            header?: never;
            path: {
                /**
                 * @description Chosen by the caller
                 * @example checkout-1001-1
                 */
                reservationId: components["parameters"]["ReservationId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The reservation record */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReservationRecord"];
                };
            };
            404: components["responses"]["ReservationNotFoundOrUserNotFound"];
            409: components["responses"]["ReservationConflict"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    useCoupon: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                couponId: components["parameters"]["CouponId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "orderId": "order-5001",
                 *       "orderAmount": 32000
                 *     }
                 */
                "application/json": components["schemas"]["UseCouponRequest"];
            };
        };
        responses: {
            200: components["responses"]["Coupon"];
            400: components["responses"]["ReserveCoupon400"];
            404: components["responses"]["CouponNotFound"];
            409: components["responses"]["ReserveCoupon409"];
            410: components["responses"]["CouponExpired"];
            422: components["responses"]["ReserveCoupon422"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    cancelCoupon: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                couponId: components["parameters"]["CouponId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "Issued by mistake",
                 *       "returnStock": true
                 *     }
                 */
                "application/json": components["schemas"]["CancelCouponRequest"];
            };
        };
        responses: {
            200: components["responses"]["Coupon"];
            404: components["responses"]["CouponNotFound"];
            409: components["responses"]["ReleaseReservation409"];
            410: components["responses"]["CouponExpired"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    restoreCoupon: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                couponId: components["parameters"]["CouponId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "orderId": "order-5001"
                 *     }
                 */
                "application/json": components["schemas"]["RestoreCouponRequest"];
            };
        };
        responses: {
            200: components["responses"]["Coupon"];
            404: components["responses"]["CouponNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrReservationConflict"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    listExpiringCoupons: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 365, default 7
                 * @example 7
                 */
                days?: number;
                /**
                 * @description 1 to 100, default 10
                 * @example 10
                 */
                limit?: components["parameters"]["Limit"];
            };
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path: {
                /** @example 7330011234567890 */
                userId: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: expiring coupon */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExpiringCouponList"];
                };
            };
            404: components["responses"]["NotFoundOrUserNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    getUserCouponStatistics: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path: {
                /** @example 7330011234567890 */
                userId: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user coupon statistics */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserCouponStatistics"];
                };
            };
            404: components["responses"]["NotFoundOrUserNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    getRedemptionCode: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path: {
                /** @example 7330011234567890 */
                couponId: components["parameters"]["CouponId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The redemption code */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RedemptionCode"];
                };
            };
            400: components["responses"]["CouponNotAvailableOrValidationFailed"];
            404: components["responses"]["CouponNotFound"];
            409: components["responses"]["CouponAlreadyUsedOrReservationConflict"];
            410: components["responses"]["CouponExpired"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    redeemCoupon: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "redemptionCode": "W556W-3DR24-8138",
                 *       "orderAmount": 32000
                 *     }
                 */
                "application/json": components["schemas"]["RedeemCouponRequest"];
            };
        };
        responses: {
            /** @description The redeemed coupon */
            200: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RedeemedCoupon"];
                };
            };
            400: components["responses"]["ReserveCoupon400"];
            404: components["responses"]["CouponCodeNotFound"];
            409: components["responses"]["ReleaseReservation409"];
            410: components["responses"]["CouponExpired"];
            422: components["responses"]["CouponNotApplicableOrIdempotencyKeyReused"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    issueCouponsToUsers: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "couponPolicyId": "7330011234567890",
                 *       "userIds": [
                 *         "42",
                 *         "43"
                 *       ],
                 *       "issuedBy": "jane"
                 *     }
                 */
                "application/json": components["schemas"]["IssueCouponsToUsersRequest"];
            };
        };
        responses: {
            /** @description The direct issue, created */
            201: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DirectIssue"];
                };
            };
            400: components["responses"]["CouponNotAvailableOrValidationFailed"];
            404: components["responses"]["PolicyNotFoundOrUserNotFound"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    issueCouponsFromCsv: {
        parameters: {
            query?: {
                /** @description true: nothing changes, and the response is what would happen */
                dryRun?: components["parameters"]["DryRun"];
            };
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["IssueCouponsFromCsv"];
        responses: {
            200: components["responses"]["DryRun"];
            202: components["responses"]["Job"];
            400: components["responses"]["CouponNotAvailableOrValidationFailed"];
            404: components["responses"]["PolicyNotFound"];
            default: components["responses"]["ScopedFileKeyedProblem"];
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            404: components["responses"]["JobNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    streamJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A stream of server-sent events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example event: job
                     *     data: {"jobId":"7330011234567893","kind":"DIRECT_ISSUE","couponPolicyId":"7330011234567890","status":"RUNNING","total":1000000,"done":250000,"failed":12,"error":null,"createdAt":"2035-01-01T01:00:00.123Z","startedAt":"2035-01-01T01:00:12.000Z","finishedAt":null,"estimatedFinishAt":"2035-01-01T01:00:52.000Z"}
                     */
                    "text/event-stream": string;
                };
            };
            404: components["responses"]["JobNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    listJobErrors: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
            };
            header?: never;
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: job error */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobErrorList"];
                };
            };
            404: components["responses"]["JobNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    exportJobErrors: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A file of comma-separated values in UTF-8 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example row,line,code
                     *     17,42,COUPON_ALREADY_ISSUED
                     */
                    "text/csv": string;
                };
            };
            404: components["responses"]["JobNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    listDailyStatistics: {
        parameters: {
            query: {
                /** @example 2035-01-31 */
                from: string;
                /** @example 2035-01-31 */
                to: string;
                /** @example 7330011234567890 */
                policyId?: components["schemas"]["Id"];
                /** @example 7330011234567890 */
                storeId?: components["parameters"]["StoreId"];
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: daily statistics */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DailyStatisticsList"];
                };
            };
            404: components["responses"]["PolicyNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    getCouponPolicyStatistics: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The coupon policy statistics */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CouponPolicyStatistics"];
                };
            };
            404: components["responses"]["PolicyNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    getStoreStatistics: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The store statistics */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoreStatistics"];
                };
            };
            404: components["responses"]["StoreNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    earnPoints: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["RequiredIdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "userId": "1001",
                 *       "amount": 500,
                 *       "reason": "A review",
                 *       "expiresAt": "2036-01-01T00:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["EarnPointsRequest"];
            };
        };
        responses: {
            200: components["responses"]["PointTransaction"];
            400: components["responses"]["IdempotencyKeyRequiredOrValidationFailed"];
            404: components["responses"]["UserNotFound"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    cancelPointTransaction: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["RequiredIdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "transactionId": "7330011234567892",
                 *       "reason": "Ordered twice"
                 *     }
                 */
                "application/json": components["schemas"]["CancelPointTransactionRequest"];
            };
        };
        responses: {
            200: components["responses"]["PointTransaction"];
            400: components["responses"]["IdempotencyKeyRequiredOrValidationFailed"];
            404: components["responses"]["PointTransactionNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrInsufficientPoints"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    getPointCharge: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path: {
                /** @example 7330011234567890 */
                chargeId: components["parameters"]["ChargeId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The point charge */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PointCharge"];
                };
            };
            404: components["responses"]["ChargeNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    getPointBalance: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path: {
                /** @example 7330011234567890 */
                userId: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The point balance */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PointBalance"];
                };
            };
            404: components["responses"]["NotFoundOrUserNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    listPointTransactions: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
            };
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path: {
                /** @example 7330011234567890 */
                userId: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: point transaction */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PointTransactionList"];
                };
            };
            404: components["responses"]["NotFoundOrUserNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    listOrders: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
                status?: components["schemas"]["OrderStatus"];
                /**
                 * @description The user whose orders are listed; ADMIN and SERVICE name others
                 * @example 7330011234567890
                 */
                userId?: components["schemas"]["UserReference"];
                /**
                 * @description Orders with a line of this store; for ADMIN and SERVICE
                 * @example 7330011234567890
                 */
                storeId?: components["schemas"]["Id"];
                /**
                 * @description Orders placed at this time or later
                 * @example 2035-01-01T10:00:00Z
                 */
                from?: components["schemas"]["Instant"];
                /**
                 * @description Orders placed before this time
                 * @example 2035-01-01T10:00:00Z
                 */
                to?: components["schemas"]["Instant"];
            };
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: order */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OrderList"];
                };
            };
            404: components["responses"]["NotFoundOrUserNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    placeOrder: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["RequiredIdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "items": [
                 *         {
                 *           "productId": "7330011234567893",
                 *           "quantity": 2
                 *         }
                 *       ],
                 *       "couponId": "7330011234567891",
                 *       "usePoints": 500,
                 *       "expectedTotal": 26500
                 *     }
                 */
                "application/json": components["schemas"]["PlaceOrderRequest"];
            };
        };
        responses: {
            201: components["responses"]["Order"];
            400: components["responses"]["PlaceOrder400"];
            404: components["responses"]["PlaceOrder404"];
            409: components["responses"]["PlaceOrder409"];
            410: components["responses"]["PlaceOrder410"];
            422: components["responses"]["ReserveCoupon422"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    getOrder: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path: {
                /** @example 7330011234567890 */
                orderId: components["parameters"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The order */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            404: components["responses"]["OrderNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    cancelOrder: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["RequiredIdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                orderId: components["parameters"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["EmptyRequest"];
        responses: {
            /** @description The order */
            200: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Order"];
                };
            };
            400: components["responses"]["IdempotencyKeyRequiredOrValidationFailed"];
            404: components["responses"]["OrderNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrOrderNotCancellable"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    refundOrder: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["RequiredIdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                orderId: components["parameters"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "items": [
                 *         {
                 *           "line": 1,
                 *           "quantity": 1
                 *         }
                 *       ],
                 *       "reason": "Arrived broken"
                 *     }
                 */
                "application/json": components["schemas"]["RefundOrderRequest"];
            };
        };
        responses: {
            /** @description The refund result */
            200: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RefundResult"];
                };
            };
            400: components["responses"]["IdempotencyKeyRequiredOrValidationFailed"];
            404: components["responses"]["OrderNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrOrderNotRefundable"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    listOrderPayments: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
            };
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path: {
                /** @example 7330011234567890 */
                orderId: components["parameters"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: payment */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentList"];
                };
            };
            404: components["responses"]["OrderNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    listOrderRefunds: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
            };
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path: {
                /** @example 7330011234567890 */
                orderId: components["parameters"]["OrderId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: refund */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RefundList"];
                };
            };
            404: components["responses"]["OrderNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    getPayment: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path: {
                /** @example 7330011234567890 */
                paymentId: components["parameters"]["PaymentId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The payment */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Payment"];
                };
            };
            404: components["responses"]["PaymentNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    downloadCoupon: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "couponCode": "7K3WQ-M9T2B-XR4Z"
                 *     }
                 */
                "application/json": components["schemas"]["DownloadCouponRequest"];
            };
        };
        responses: {
            /** @description The downloaded coupon, created */
            201: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DownloadedCoupon"];
                };
            };
            404: components["responses"]["CouponCodeNotFoundOrUserNotFound"];
            409: components["responses"]["DownloadCoupon409"];
            410: components["responses"]["CouponSoldOut"];
            429: components["responses"]["CouponIssueLimitExceededOrRateLimited"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    validateCouponCode: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7K3WQ-M9T2B-XR4Z */
                couponCode: components["parameters"]["CouponCode"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The coupon code validation */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CouponCodeValidation"];
                };
            };
            default: components["responses"]["ScopedProblem"];
        };
    };
    generateCouponCodes: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "count": 1000000,
                 *       "prefix": "VIP-",
                 *       "pattern": "#####-#####-####"
                 *     }
                 */
                "application/json": components["schemas"]["GenerateCouponCodesRequest"];
            };
        };
        responses: {
            202: components["responses"]["Job"];
            400: components["responses"]["CouponNotAvailableOrValidationFailed"];
            404: components["responses"]["PolicyNotFound"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    exportCouponCodes: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A file of comma-separated values in UTF-8 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example code,status,userId,redeemedAt,externalId
                     *     7K3WQ-M9T2B-XR4Z,REDEEMED,1001,2035-01-01T01:00:00.123Z,
                     *     P0N8C-4HDAJ-66QX,FREE,,,
                     */
                    "text/csv": string;
                };
            };
            400: components["responses"]["CouponNotAvailableOrValidationFailed"];
            404: components["responses"]["PolicyNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    importCouponCodes: {
        parameters: {
            query?: {
                /** @description true: nothing changes, and the response is what would happen */
                dryRun?: components["parameters"]["DryRun"];
            };
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example code
                 *     7K3WQ-M9T2B-XR4Z
                 *     CARD-000123
                 */
                "text/csv": string;
            };
        };
        responses: {
            200: components["responses"]["DryRun"];
            202: components["responses"]["Job"];
            400: components["responses"]["CouponNotAvailableOrValidationFailed"];
            404: components["responses"]["PolicyNotFound"];
            default: components["responses"]["ScopedFileKeyedProblem"];
        };
    };
    listProducts: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
                /**
                 * @description 1 to 500, 20 products each; use the cursor for more
                 * @example 1
                 */
                page?: number;
                /** @example 7330011234567890 */
                storeId?: components["parameters"]["StoreId"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: product */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ProductList"];
                };
            };
            default: components["responses"]["ScopedProblem"];
        };
    };
    createProduct: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Ceramic mug, 350 ml",
                 *       "description": "Made in Icheon",
                 *       "price": 29900,
                 *       "stock": 1000
                 *     }
                 */
                "application/json": components["schemas"]["CreateProductRequest"];
            };
        };
        responses: {
            /** @description The product, created */
            201: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            404: components["responses"]["StoreNotFound"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    getProduct: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The product */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            404: components["responses"]["ProductNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    updateProduct: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "version": 1,
                 *       "price": 27900,
                 *       "addStock": 200
                 *     }
                 */
                "application/json": components["schemas"]["UpdateProductRequest"];
            };
        };
        responses: {
            /** @description The product */
            200: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Product"];
                };
            };
            404: components["responses"]["ProductNotFound"];
            409: components["responses"]["UpdateProduct409"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    listPopularProducts: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 10
                 * @example 10
                 */
                limit?: components["parameters"]["Limit"];
                /** @description Of the last 1 to 365 days (in the time zone of the shop), today included; absent: of all time */
                days?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: popular product */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PopularProductList"];
                };
            };
            default: components["responses"]["ScopedProblem"];
        };
    };
    listTimeSales: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
                status?: components["schemas"]["TimeSaleStatus"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: time sale */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TimeSaleList"];
                };
            };
            default: components["responses"]["ScopedProblem"];
        };
    };
    createTimeSale: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "productId": "7330011234567891",
                 *       "salePrice": 19900,
                 *       "quantity": 500,
                 *       "limitPerUser": 2,
                 *       "startsAt": "2035-01-01T01:00:00Z",
                 *       "endsAt": "2035-01-01T03:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["CreateTimeSaleRequest"];
            };
        };
        responses: {
            /** @description The time sale, created */
            201: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TimeSale"];
                };
            };
            404: components["responses"]["ProductNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrOutOfStock"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    getTimeSale: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The time sale */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TimeSale"];
                };
            };
            404: components["responses"]["TimeSaleNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    updateTimeSale: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "quantity": 800,
                 *       "endsAt": "2035-01-01T04:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["UpdateTimeSaleRequest"];
            };
        };
        responses: {
            200: components["responses"]["TimeSale"];
            400: components["responses"]["TimeSaleNotActiveOrValidationFailed"];
            404: components["responses"]["TimeSaleNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrOutOfStock"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    stopTimeSale: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["EmptyRequest"];
        responses: {
            200: components["responses"]["TimeSale"];
            404: components["responses"]["TimeSaleNotFound"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    streamTimeSaleStock: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A stream of server-sent events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example event: stock
                     *     data: {"timeSaleId":"7330011234567893","remaining":15,"soldQuantity":480,"status":"ACTIVE"}
                     */
                    "text/event-stream": string;
                };
            };
            404: components["responses"]["TimeSaleNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    listStores: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
                /** @example CAFE */
                category?: string & (unknown & unknown);
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["StoreList"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    createStore: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Cafe Sol",
                 *       "category": "CAFE",
                 *       "description": "Roasts its own beans",
                 *       "address": "12 Seongsui-ro, Seongdong-gu, Seoul",
                 *       "location": {
                 *         "lat": 37.5446,
                 *         "lng": 127.0559
                 *       },
                 *       "images": [
                 *         "https://images.example.com/sol/front.jpg"
                 *       ],
                 *       "openingHours": [
                 *         {
                 *           "day": "MONDAY",
                 *           "opens": "08:00",
                 *           "closes": "22:00"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["CreateStoreRequest"];
            };
        };
        responses: {
            201: components["responses"]["ManagedStore"];
            404: components["responses"]["UserNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrStoreLimitExceeded"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    listOwnStores: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["StoreList"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    getStore: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The managed store */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManagedStore"];
                };
            };
            404: components["responses"]["StoreNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    deleteStore: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            404: components["responses"]["StoreNotFound"];
            default: components["responses"]["ScopedKeyedProblem"];
        };
    };
    updateStore: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "status": "OPEN"
                 *     }
                 */
                "application/json": components["schemas"]["UpdateStoreRequest"];
            };
        };
        responses: {
            /** @description The managed store */
            200: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManagedStore"];
                };
            };
            404: components["responses"]["StoreNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrOptimisticLockFailure"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    addStoreImage: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["ImageUpload"];
        responses: {
            201: components["responses"]["ManagedStore"];
            404: components["responses"]["StoreNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrImageLimitExceeded"];
            default: components["responses"]["ScopedFileKeyedProblem"];
        };
    };
    removeStoreImage: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
                /** @example 7330011234567890 */
                imageId: components["parameters"]["ImageId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            404: components["responses"]["ImageNotFoundOrStoreNotFound"];
            default: components["responses"]["ScopedKeyedProblem"];
        };
    };
    addStoreStaff: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
                /** @example 7330011234567890 */
                userId: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["EmptyRequest"];
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            404: components["responses"]["StoreNotFoundOrUserNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrStaffLimitExceeded"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    removeStoreStaff: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
                /** @example 7330011234567890 */
                userId: components["parameters"]["UserId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            404: components["responses"]["StoreNotFoundOrUserNotFound"];
            default: components["responses"]["ScopedKeyedProblem"];
        };
    };
    listNotifications: {
        parameters: {
            query?: {
                /** @description Only notices that were not read */
                unread?: "true";
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
            };
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: notification */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationList"];
                };
            };
            default: components["responses"]["ScopedProblem"];
        };
    };
    markNotificationRead: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["EmptyRequest"];
        responses: {
            200: components["responses"]["UnreadCount"];
            404: components["responses"]["NotificationNotFound"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    markAllNotificationsRead: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["EmptyRequest"];
        responses: {
            200: components["responses"]["UnreadCount"];
            404: components["responses"]["NotificationNotFound"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    deleteNotification: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            404: components["responses"]["NotificationNotFound"];
            default: components["responses"]["ScopedKeyedProblem"];
        };
    };
    getNotificationPreferences: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The notification preferences */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationPreferences"];
                };
            };
            default: components["responses"]["ScopedProblem"];
        };
    };
    replaceNotificationPreferences: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "preferences": [
                 *         {
                 *           "kind": "STORE_COUPON_OPENED",
                 *           "channel": "EMAIL",
                 *           "enabled": false
                 *         }
                 *       ],
                 *       "language": "ko",
                 *       "timezone": "Asia/Seoul",
                 *       "expiryDays": [
                 *         3,
                 *         1
                 *       ],
                 *       "quietHours": {
                 *         "from": "22:00",
                 *         "until": "07:00"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["ReplaceNotificationPreferencesRequest"];
            };
        };
        responses: {
            /** @description The notification preferences */
            200: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationPreferences"];
                };
            };
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    listNotificationJobs: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: notification job */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationJobList"];
                };
            };
            default: components["responses"]["ScopedProblem"];
        };
    };
    createNotificationJob: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "audience": {
                 *         "type": "STORE_FOLLOWERS",
                 *         "storeId": "7330011234567000"
                 *       },
                 *       "class": "MARKETING",
                 *       "ko": {
                 *         "title": "주말 행사",
                 *         "body": "토요일부터 모든 음료가 10% 할인됩니다."
                 *       },
                 *       "en": {
                 *         "title": "Weekend",
                 *         "body": "All drinks are 10% off from Saturday on."
                 *       },
                 *       "path": "/stores/7330011234567000"
                 *     }
                 */
                "application/json": components["schemas"]["CreateNotificationJobRequest"];
            };
        };
        responses: {
            202: components["responses"]["NotificationJob"];
            404: components["responses"]["PolicyNotFoundOrStoreNotFound"];
            409: components["responses"]["CreateNotificationJob409"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    uploadNotificationJobUsers: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: components["requestBodies"]["IssueCouponsFromCsv"];
        responses: {
            202: components["responses"]["NotificationJob"];
            404: components["responses"]["NoticeJobNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrNoticeJobListClosed"];
            default: components["responses"]["ScopedFileKeyedProblem"];
        };
    };
    previewNotificationJob: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "audience": {
                 *         "type": "STORE_FOLLOWERS",
                 *         "storeId": "7330011234567000"
                 *       },
                 *       "class": "MARKETING",
                 *       "ko": {
                 *         "title": "주말 행사",
                 *         "body": "토요일부터 모든 음료가 10% 할인됩니다."
                 *       },
                 *       "en": {
                 *         "title": "Weekend",
                 *         "body": "All drinks are 10% off from Saturday on."
                 *       },
                 *       "path": "/stores/7330011234567000"
                 *     }
                 */
                "application/json": components["schemas"]["PreviewNotificationJobRequest"];
            };
        };
        responses: {
            /** @description The notification preview */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationPreview"];
                };
            };
            404: components["responses"]["PolicyNotFoundOrStoreNotFound"];
            409: components["responses"]["StoreNotOpen"];
            default: components["responses"]["ScopedBodyProblem"];
        };
    };
    sendTestNotification: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "class": "MARKETING",
                 *       "ko": {
                 *         "title": "주말 행사",
                 *         "body": "토요일부터 모든 음료가 10% 할인됩니다."
                 *       },
                 *       "en": {
                 *         "title": "Weekend",
                 *         "body": "All drinks are 10% off from Saturday on."
                 *       },
                 *       "path": "/stores/7330011234567000"
                 *     }
                 */
                "application/json": components["schemas"]["SendTestNotificationRequest"];
            };
        };
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            404: components["responses"]["PolicyNotFoundOrStoreNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrStoreNotOpen"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    getNotificationJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The notification job */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NotificationJob"];
                };
            };
            404: components["responses"]["NoticeJobNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    cancelNotificationJob: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["NotificationJob"];
            404: components["responses"]["NoticeJobNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrNoticeJobEnded"];
            default: components["responses"]["ScopedKeyedProblem"];
        };
    };
    getPushKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The push key */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PushKey"];
                };
            };
            409: components["responses"]["PushNotConfigured"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    savePushSubscription: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "endpoint": "https://fcm.googleapis.com/fcm/send/e8nTqT0uV5E:APA91b",
                 *       "keys": {
                 *         "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
                 *         "auth": "BTBZMqHH6r4Tts7J_aSIgg"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["SavePushSubscriptionRequest"];
            };
        };
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            409: components["responses"]["SavePushSubscription409"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    deletePushSubscription: {
        parameters: {
            query: {
                endpoint: string;
            };
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            default: components["responses"]["ScopedKeyedProblem"];
        };
    };
    listSuppressions: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: suppression */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SuppressionList"];
                };
            };
            default: components["responses"]["ScopedProblem"];
        };
    };
    liftSuppression: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com"
                 *     }
                 */
                "application/json": components["schemas"]["LiftSuppressionRequest"];
            };
        };
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            404: components["responses"]["SuppressionNotFound"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    reportMailEvents: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The same in every attempt to deliver it
                 * @example msg_2Kx9
                 */
                "webhook-id": components["parameters"]["Webhook-id"];
                /**
                 * @description The time of this attempt, in seconds since 1970
                 * @example 2051226120
                 */
                "webhook-timestamp": components["parameters"]["Webhook-timestamp"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "events": [
                 *         {
                 *           "kind": "HARD_BOUNCE",
                 *           "email": "ada@example.com",
                 *           "messageId": "notice-42@shop.example.com"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["ReportMailEventsRequest"];
            };
        };
        responses: {
            /** @description The mail events receipt */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MailEventsReceipt"];
                };
            };
            401: components["responses"]["WebhookSignatureInvalid"];
            default: components["responses"]["OpenBodyProblem"];
        };
    };
    showUnsubscribePage: {
        parameters: {
            query?: {
                token?: components["parameters"]["Token"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["ShowUnsubscribePage200"];
            410: components["responses"]["LinkInvalid"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    confirmUnsubscription: {
        parameters: {
            query?: {
                token?: components["parameters"]["Token"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "List-Unsubscribe": "One-Click"
                 *     }
                 */
                "application/json": components["schemas"]["ConfirmUnsubscriptionRequest"];
                /**
                 * @example {
                 *       "List-Unsubscribe": "One-Click"
                 *     }
                 */
                "application/x-www-form-urlencoded": components["schemas"]["ConfirmUnsubscriptionRequest"];
                /**
                 * @example {
                 *       "List-Unsubscribe": "One-Click"
                 *     }
                 */
                "multipart/form-data": components["schemas"]["ConfirmUnsubscriptionRequest"];
            };
        };
        responses: {
            200: components["responses"]["ShowUnsubscribePage200"];
            410: components["responses"]["LinkInvalid"];
            default: components["responses"]["OpenBodyProblem"];
        };
    };
    followStore: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["EmptyRequest"];
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            404: components["responses"]["StoreNotFound"];
            410: components["responses"]["AccountDeleted"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    unfollowStore: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            default: components["responses"]["ScopedKeyedProblem"];
        };
    };
    followCouponPolicy: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["EmptyRequest"];
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            404: components["responses"]["PolicyNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrPolicyAlreadyOpen"];
            410: components["responses"]["AccountDeletedOrPolicyEnded"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    unfollowCouponPolicy: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            default: components["responses"]["ScopedKeyedProblem"];
        };
    };
    listSubscriptions: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
                /** @description Absent = both */
                type?: "store" | "policy";
            };
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: subscription */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SubscriptionList"];
                };
            };
            default: components["responses"]["ScopedProblem"];
        };
    };
    streamNotifications: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description The id of the last event of an earlier stream. Empty is as if it were left out
                 * @example 42
                 */
                "Last-Event-ID"?: string;
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A stream of server-sent events */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example id: 41
                     *     event: unread
                     *     data: {"unreadCount":0}
                     *
                     *     event: notice
                     *     id: 42
                     *     data: {"notificationId":"7330011234567899","kind":"COUPON_ISSUED","title":"You got a coupon","body":"Opening day · use it before 1 Feb 2035, 00:00","path":"/coupons/7330011234567890","data":{"couponId":"7330011234567890","policyId":"7330011234560000","couponName":"Opening day","expiresAt":"2035-01-31T15:00:00.000Z"},"read":false,"createdAt":"2035-01-01T01:00:01.000Z"}
                     *
                     *     event: unread
                     *     data: {"unreadCount":1}
                     */
                    "text/event-stream": string;
                };
            };
            default: components["responses"]["ScopedProblem"];
        };
    };
    listWebhooks: {
        parameters: {
            query?: {
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: webhook */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookList"];
                };
            };
            default: components["responses"]["ScopedProblem"];
        };
    };
    createWebhook: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "url": "https://shop.example.com/stampede",
                 *       "topics": [
                 *         "order.paid",
                 *         "order.refunded"
                 *       ],
                 *       "description": "Orders for the warehouse"
                 *     }
                 */
                "application/json": components["schemas"]["CreateWebhookRequest"];
            };
        };
        responses: {
            /** @description The webhook with secret, created */
            201: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecret"];
                };
            };
            409: components["responses"]["IdempotencyKeyInUseOrWebhookLimitReached"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    getWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The webhook */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            404: components["responses"]["WebhookNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    deleteWebhook: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: components["responses"]["DoneIdempotentReplayed"];
            404: components["responses"]["WebhookNotFound"];
            default: components["responses"]["ScopedKeyedProblem"];
        };
    };
    updateWebhook: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "enabled": false
                 *     }
                 */
                "application/json": components["schemas"]["UpdateWebhookRequest"];
            };
        };
        responses: {
            /** @description The webhook */
            200: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Webhook"];
                };
            };
            404: components["responses"]["WebhookNotFound"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    rotateWebhookSecret: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "overlapHours": 24
                 *     }
                 */
                "application/json": components["schemas"]["RotateWebhookSecretRequest"];
            };
        };
        responses: {
            /** @description The webhook with secret */
            200: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookWithSecret"];
                };
            };
            404: components["responses"]["WebhookNotFound"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    testWebhook: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["EmptyRequest"];
        responses: {
            202: components["responses"]["WebhookDelivery"];
            404: components["responses"]["WebhookNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrWebhookDisabled"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    listWebhookDeliveries: {
        parameters: {
            query?: {
                status?: "PENDING" | "DELIVERED" | "FAILED" | "DROPPED";
                /**
                 * @description 1 to 100, default 20
                 * @example 20
                 */
                limit?: components["parameters"]["PageLimit"];
                /** @description nextCursor of the previous page */
                cursor?: components["parameters"]["PageCursor"];
            };
            header?: never;
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of the list: webhook delivery */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WebhookDeliveryList"];
                };
            };
            404: components["responses"]["WebhookNotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    replayWebhookDelivery: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                id: components["parameters"]["Id"];
                /** @example 7330011234567890 */
                deliveryId: components["parameters"]["DeliveryId"];
            };
            cookie?: never;
        };
        requestBody?: components["requestBodies"]["EmptyRequest"];
        responses: {
            202: components["responses"]["WebhookDelivery"];
            404: components["responses"]["WebhookDeliveryNotFoundOrWebhookNotFound"];
            409: components["responses"]["ReplayWebhookDelivery409"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    showSandboxPaymentPage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                ref: components["parameters"]["Ref"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["ShowUnsubscribePage200"];
            404: components["responses"]["NotFound"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    completeSandboxPayment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                ref: components["parameters"]["Ref"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "outcome": "APPROVE"
                 *     }
                 */
                "application/json": components["schemas"]["CompleteSandboxPaymentRequest"];
                /**
                 * @example {
                 *       "outcome": "APPROVE"
                 *     }
                 */
                "application/x-www-form-urlencoded": components["schemas"]["CompleteSandboxPaymentRequest"];
            };
        };
        responses: {
            200: components["responses"]["ShowUnsubscribePage200"];
            404: components["responses"]["NotFound"];
            default: components["responses"]["ScopedBodyProblem"];
        };
    };
    showEmailVerificationPage: {
        parameters: {
            query: {
                /** @description From the link in the mail */
                token: components["parameters"]["ShowEmailVerificationPageToken"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["ShowUnsubscribePage200"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    submitEmailVerificationPage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "Zm9yLW9uZS11c2Utb25seS1hbmQtZm9yLW9uZS1kYXk"
                 *     }
                 */
                "application/json": components["schemas"]["MailTokenRequest"];
                /**
                 * @example {
                 *       "token": "Zm9yLW9uZS11c2Utb25seS1hbmQtZm9yLW9uZS1kYXk"
                 *     }
                 */
                "application/x-www-form-urlencoded": components["schemas"]["MailTokenRequest"];
            };
        };
        responses: {
            200: components["responses"]["ShowUnsubscribePage200"];
            409: components["responses"]["MailNotConfigured"];
            410: components["responses"]["LinkInvalid"];
            default: components["responses"]["ScopedBodyProblem"];
        };
    };
    showPasswordResetPage: {
        parameters: {
            query: {
                /** @description From the link in the mail */
                token: components["parameters"]["ShowEmailVerificationPageToken"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: components["responses"]["ShowUnsubscribePage200"];
            default: components["responses"]["ScopedProblem"];
        };
    };
    submitPasswordResetPage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "Zm9yLW9uZS11c2Utb25seS1hbmQtZm9yLW9uZS1kYXk",
                 *       "newPassword": "staple of another kind"
                 *     }
                 */
                "application/json": components["schemas"]["SubmitPasswordResetPageRequest"];
                /**
                 * @example {
                 *       "token": "Zm9yLW9uZS11c2Utb25seS1hbmQtZm9yLW9uZS1kYXk",
                 *       "newPassword": "staple of another kind"
                 *     }
                 */
                "application/x-www-form-urlencoded": components["schemas"]["SubmitPasswordResetPageRequest"];
            };
        };
        responses: {
            200: components["responses"]["ShowUnsubscribePage200"];
            409: components["responses"]["MailNotConfigured"];
            410: components["responses"]["LinkInvalid"];
            default: components["responses"]["ScopedBodyProblem"];
        };
    };
    issueCoupon: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                policyId: components["parameters"]["PolicyId"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["IssueCouponRequest"];
            };
        };
        responses: {
            201: components["responses"]["IssuedCoupon"];
            400: components["responses"]["IssueCoupon400"];
            404: components["responses"]["PolicyNotFoundOrUserNotFound"];
            409: components["responses"]["IssueCoupon409"];
            410: components["responses"]["CouponSoldOutOrPolicyEnded"];
            429: components["responses"]["CouponIssueLimitExceededOrRateLimited"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    issueCouponByPolicyId: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "policyId": "7330011234567890"
                 *     }
                 */
                "application/json": components["schemas"]["IssueCouponByPolicyIdRequest"];
            };
        };
        responses: {
            201: components["responses"]["IssuedCoupon"];
            400: components["responses"]["IssueCoupon400"];
            404: components["responses"]["PolicyNotFoundOrUserNotFound"];
            409: components["responses"]["IssueCoupon409"];
            410: components["responses"]["CouponSoldOutOrPolicyEnded"];
            429: components["responses"]["CouponIssueLimitExceededOrRateLimited"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    chargePoints: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["RequiredIdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "amount": 10000
                 *     }
                 */
                "application/json": components["schemas"]["ChargePointsRequest"];
            };
        };
        responses: {
            /** @description The point charge, created */
            201: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PointCharge"];
                };
            };
            400: components["responses"]["IdempotencyKeyRequiredOrValidationFailed"];
            402: components["responses"]["PaymentDeclined"];
            404: components["responses"]["UserNotFound"];
            409: components["responses"]["ChargePoints409"];
            410: components["responses"]["ChargeExpired"];
            422: components["responses"]["IdempotencyKeyReusedOrPointLimitExceeded"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    usePoints: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["RequiredIdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "amount": 3000,
                 *       "orderId": "order-981"
                 *     }
                 */
                "application/json": components["schemas"]["UsePointsRequest"];
            };
        };
        responses: {
            200: components["responses"]["PointTransaction"];
            400: components["responses"]["IdempotencyKeyRequiredOrValidationFailed"];
            404: components["responses"]["UserNotFound"];
            409: components["responses"]["IdempotencyKeyInUseOrInsufficientPoints"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    placeTimeSaleOrder: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["RequiredIdempotencyKey"];
            };
            path: {
                /** @example 7330011234567890 */
                timeSaleId: components["parameters"]["TimeSaleId"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "quantity": 1,
                 *       "expectedTotal": 9900
                 *     }
                 */
                "application/json": components["schemas"]["PlaceTimeSaleOrderRequest"];
            };
        };
        responses: {
            201: components["responses"]["Order"];
            400: components["responses"]["PlaceOrder400"];
            404: components["responses"]["PlaceOrder404"];
            409: components["responses"]["PlaceOrder409"];
            410: components["responses"]["PlaceOrder410"];
            422: components["responses"]["ReserveCoupon422"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    payOrder: {
        parameters: {
            query?: never;
            header?: {
                /**
                 * @description With an API key, or a token with the role SERVICE: the customer for whom it acts. It may do then what this customer may do, and its scopes allow. A user of another issuer is ext:<issuer name>:<subject>, with the subject URI-encoded. Refused for a user who is locked or deleted. Not read with the token of a user.
                 * @example 7330011234567890
                 */
                "X-User-Id"?: components["parameters"]["ActingUser"];
                /**
                 * @description Printable ASCII. For 24 hours the same key and body get the response of the first request. While the first request is processed a repeat gets 409 with Retry-After.
                 * @example 7f3c2a4e-1
                 */
                "Idempotency-Key"?: components["parameters"]["RequiredIdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "orderId": "7330011234567895",
                 *       "method": "POINTS"
                 *     }
                 */
                "application/json": components["schemas"]["PayOrderRequest"];
            };
        };
        responses: {
            /** @description The payment result, created */
            201: {
                headers: {
                    "Idempotent-Replayed": components["headers"]["IdempotentReplayed"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentResult"];
                };
            };
            400: components["responses"]["IdempotencyKeyRequiredOrValidationFailed"];
            402: components["responses"]["PaymentDeclined"];
            404: components["responses"]["OrderNotFoundOrUserNotFound"];
            409: components["responses"]["PayOrder409"];
            410: components["responses"]["OrderExpiredOrReservationExpired"];
            default: components["responses"]["ScopedBodyKeyedProblem"];
        };
    };
    reportPayment: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description The same in every attempt to deliver it
                 * @example msg_2Kx9
                 */
                "webhook-id": components["parameters"]["Webhook-id"];
                /**
                 * @description The time of this attempt, in seconds since 1970
                 * @example 2051226120
                 */
                "webhook-timestamp": components["parameters"]["Webhook-timestamp"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "type": "payment.completed",
                 *       "timestamp": "2035-01-01T01:02:00Z",
                 *       "data": {
                 *         "paymentId": "7330011234567896",
                 *         "orderId": "7330011234567895",
                 *         "amount": 26500,
                 *         "providerRef": "pay_5f1c"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["ReportPaymentRequest"];
            };
        };
        responses: {
            /** @description The payment report receipt */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PaymentReportReceipt"];
                };
            };
            401: components["responses"]["WebhookSignatureInvalid"];
            default: components["responses"]["OpenBodyProblem"];
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The health */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Health"];
                };
            };
            default: components["responses"]["OpenUnlimitedProblem"];
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The readiness */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            default: components["responses"]["OpenUnlimitedProblem"];
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Text */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example stampede_http_requests_total{method="GET",route="/healthz",status="200"} 1 */
                    "text/plain": string;
                };
            };
            default: components["responses"]["OpenUnlimitedProblem"];
        };
    };
    getLlmsTxt: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Text */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example # Stampede
                     *
                     *     > A promotion platform
                     */
                    "text/plain": string;
                };
            };
            default: components["responses"]["OpenUnlimitedProblem"];
        };
    };
    getGuide: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description As /llms.txt links it
                 * @example events.md
                 */
                page: components["parameters"]["Page"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Read a page of the documentation in Markdown */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example # Events */
                    "text/markdown": string;
                };
            };
            404: components["responses"]["NotFound"];
            default: components["responses"]["OpenUnlimitedProblem"];
        };
    };
}
