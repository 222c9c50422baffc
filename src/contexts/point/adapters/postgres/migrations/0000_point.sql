CREATE SCHEMA "point";
--> statement-breakpoint
CREATE TABLE "point"."accounts" (
	"user_id" bigint PRIMARY KEY NOT NULL,
	"balance" bigint DEFAULT 0 NOT NULL,
	"held" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "accounts_not_negative" CHECK ("point"."accounts"."balance" >= 0 and "point"."accounts"."held" >= 0)
);
--> statement-breakpoint
CREATE TABLE "point"."entries" (
	"transaction_id" bigint NOT NULL,
	"line" smallint NOT NULL,
	"account" text NOT NULL,
	"user_id" bigint NOT NULL,
	"amount" bigint NOT NULL,
	CONSTRAINT "entries_transaction_id_line_pk" PRIMARY KEY("transaction_id","line")
);
--> statement-breakpoint
CREATE TABLE "point"."expiry_notices" (
	"user_id" bigint NOT NULL,
	"day" date NOT NULL,
	"days_ahead" smallint NOT NULL,
	CONSTRAINT "expiry_notices_user_id_day_days_ahead_pk" PRIMARY KEY("user_id","day","days_ahead")
);
--> statement-breakpoint
CREATE TABLE "point"."holds" (
	"user_id" bigint NOT NULL,
	"order_id" text NOT NULL,
	"amount" bigint NOT NULL,
	"transaction_id" bigint,
	"state" text NOT NULL,
	"refunded" bigint NOT NULL,
	CONSTRAINT "holds_user_id_order_id_pk" PRIMARY KEY("user_id","order_id"),
	CONSTRAINT "holds_refunded" CHECK ("point"."holds"."refunded" between 0 and "point"."holds"."amount")
);
--> statement-breakpoint
CREATE TABLE "point"."lot_moves" (
	"transaction_id" bigint NOT NULL,
	"line" integer NOT NULL,
	"lot_id" bigint NOT NULL,
	"amount" bigint NOT NULL,
	CONSTRAINT "lot_moves_transaction_id_line_pk" PRIMARY KEY("transaction_id","line")
);
--> statement-breakpoint
CREATE TABLE "point"."lots" (
	"id" bigint PRIMARY KEY NOT NULL,
	"user_id" bigint NOT NULL,
	"amount" bigint NOT NULL,
	"remaining" bigint NOT NULL,
	"open" boolean NOT NULL,
	"available_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "lots_remaining" CHECK ("point"."lots"."remaining" between 0 and "point"."lots"."amount"),
	CONSTRAINT "lots_open" CHECK ("point"."lots"."open" = ("point"."lots"."remaining" > 0))
);
--> statement-breakpoint
CREATE TABLE "point"."refusals" (
	"user_id" bigint NOT NULL,
	"key" text NOT NULL,
	"content_hash" text NOT NULL,
	"code" text NOT NULL,
	"details" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "refusals_user_id_key_pk" PRIMARY KEY("user_id","key")
);
--> statement-breakpoint
CREATE TABLE "point"."transactions" (
	"id" bigint PRIMARY KEY NOT NULL,
	"user_id" bigint NOT NULL,
	"type" text NOT NULL,
	"amount" bigint NOT NULL,
	"balance" bigint NOT NULL,
	"key" text,
	"content_hash" text,
	"order_id" text,
	"reason" text,
	"source_id" bigint,
	"by" text,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "lots_spending" ON "point"."lots" USING btree ("user_id","expires_at","id") WHERE "point"."lots"."open";--> statement-breakpoint
CREATE INDEX "lots_pending" ON "point"."lots" USING btree ("user_id","available_at") WHERE "point"."lots"."open" and "point"."lots"."available_at" is not null;--> statement-breakpoint
CREATE INDEX "lots_expiring" ON "point"."lots" USING btree ("expires_at","id") WHERE "point"."lots"."open" and "point"."lots"."expires_at" < 'infinity';--> statement-breakpoint
CREATE INDEX "refusals_created" ON "point"."refusals" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "transactions_key" ON "point"."transactions" USING btree ("user_id","key");--> statement-breakpoint
CREATE INDEX "transactions_history" ON "point"."transactions" USING btree ("user_id","id");