/** Injection tokens of the controllers. Nest cannot inject by type here, because no type metadata is emitted. */
export const CODE_LIMITS = Symbol('CodeLimits');
export const COUPON_API = Symbol('CouponService');
export const IDENTITY_API = Symbol('IdentityService');
export const SANDBOX_PAYMENTS = Symbol('SandboxPayments');
export const SANDBOX = Symbol('Sandbox');
export const ORDER_API = Symbol('OrderService');
export const POINT_API = Symbol('PointService');
export const STATISTICS_API = Symbol('StatisticsService');
export const JOB_STREAMS = Symbol('JobStreams');
export const LIMITS = Symbol('Limits');
export const REVOKED_SESSIONS = Symbol('RevokedSessions');
export const STOCK_STREAMS = Symbol('StockStreams');
