CREATE TABLE "point"."order_earnings" (
	"user_id" bigint NOT NULL,
	"order_id" text NOT NULL,
	"paid_money" bigint,
	"rate_bp" bigint,
	"refunded" bigint NOT NULL,
	"transaction_id" bigint,
	"earned" bigint NOT NULL,
	"taken" bigint NOT NULL,
	"revision" bigint NOT NULL,
	CONSTRAINT "order_earnings_user_id_order_id_pk" PRIMARY KEY("user_id","order_id"),
	CONSTRAINT "order_earnings_taken" CHECK ("point"."order_earnings"."taken" between 0 and "point"."order_earnings"."earned")
);
