CREATE SCHEMA "orders";
--> statement-breakpoint
CREATE TABLE "orders"."order_history" (
	"order_id" bigint NOT NULL,
	"version" integer NOT NULL,
	"status" text NOT NULL,
	"amount" bigint NOT NULL,
	"note" text,
	"group_id" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "order_history_order_id_version_pk" PRIMARY KEY("order_id","version")
);
--> statement-breakpoint
CREATE TABLE "orders"."order_lines" (
	"order_id" bigint NOT NULL,
	"line" smallint NOT NULL,
	"product_id" bigint NOT NULL,
	"time_sale_id" bigint,
	"product_name" text NOT NULL,
	"quantity" integer NOT NULL,
	"unit_price" bigint NOT NULL,
	"coupon_discount" bigint DEFAULT 0 NOT NULL,
	"points_used" bigint DEFAULT 0 NOT NULL,
	"refunded_quantity" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "order_lines_order_id_line_pk" PRIMARY KEY("order_id","line"),
	CONSTRAINT "order_lines_quantity" CHECK ("orders"."order_lines"."quantity" > 0 and "orders"."order_lines"."refunded_quantity" between 0 and "orders"."order_lines"."quantity")
);
--> statement-breakpoint
CREATE TABLE "orders"."orders" (
	"id" bigint PRIMARY KEY NOT NULL,
	"user_id" bigint NOT NULL,
	"key" text NOT NULL,
	"content_hash" text NOT NULL,
	"status" text NOT NULL,
	"step" text,
	"ending" text,
	"refusal_code" text,
	"refusal_details" jsonb,
	"coupon_id" bigint,
	"use_points" bigint NOT NULL,
	"expected_total" bigint,
	"subtotal" bigint NOT NULL,
	"coupon_discount" bigint NOT NULL,
	"points_used" bigint NOT NULL,
	"payment_id" bigint,
	"refunded_amount" bigint DEFAULT 0 NOT NULL,
	"refunded_points" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"reserved_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"paid_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"resume_at" timestamp (3) with time zone,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "orders_total" CHECK ("orders"."orders"."coupon_discount" >= 0 and "orders"."orders"."points_used" >= 0 and "orders"."orders"."coupon_discount" + "orders"."orders"."points_used" <= "orders"."orders"."subtotal")
);
--> statement-breakpoint
CREATE TABLE "orders"."payments" (
	"id" bigint PRIMARY KEY NOT NULL,
	"order_id" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"method" text NOT NULL,
	"amount" bigint NOT NULL,
	"status" text NOT NULL,
	"provider_ref" text,
	"provider_url" text,
	"key" text,
	"content_hash" text,
	"refusal_code" text,
	"refusal_details" jsonb,
	"created_at" timestamp (3) with time zone NOT NULL,
	"settled_at" timestamp (3) with time zone,
	CONSTRAINT "payments_amount" CHECK ("orders"."payments"."amount" >= 0)
);
--> statement-breakpoint
CREATE TABLE "orders"."product_daily_sales" (
	"day" date NOT NULL,
	"product_id" bigint NOT NULL,
	"quantity" integer NOT NULL,
	CONSTRAINT "product_daily_sales_day_product_id_pk" PRIMARY KEY("day","product_id")
);
--> statement-breakpoint
CREATE TABLE "orders"."products" (
	"id" bigint PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"description" text NOT NULL,
	"price" bigint NOT NULL,
	"supplied" integer NOT NULL,
	"stock" integer NOT NULL,
	"reserved" integer DEFAULT 0 NOT NULL,
	"sold" integer DEFAULT 0 NOT NULL,
	"store_id" bigint,
	"hidden" boolean DEFAULT false NOT NULL,
	"created_by" bigint NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "products_not_negative" CHECK ("orders"."products"."stock" >= 0 and "orders"."products"."reserved" >= 0 and "orders"."products"."sold" >= 0),
	CONSTRAINT "products_price" CHECK ("orders"."products"."price" > 0)
);
--> statement-breakpoint
CREATE TABLE "orders"."refund_lines" (
	"refund_id" bigint NOT NULL,
	"line" smallint NOT NULL,
	"quantity" integer NOT NULL,
	"money" bigint NOT NULL,
	"points" bigint NOT NULL,
	CONSTRAINT "refund_lines_refund_id_line_pk" PRIMARY KEY("refund_id","line")
);
--> statement-breakpoint
CREATE TABLE "orders"."refunds" (
	"id" bigint PRIMARY KEY NOT NULL,
	"order_id" bigint NOT NULL,
	"payment_id" bigint NOT NULL,
	"key" text,
	"content_hash" text,
	"money" bigint NOT NULL,
	"points" bigint NOT NULL,
	"restores_coupon" boolean NOT NULL,
	"step" text,
	"reason" text NOT NULL,
	"by" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"resume_at" timestamp (3) with time zone,
	"attempts" smallint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "orders"."sandbox_payments" (
	"ref" text PRIMARY KEY NOT NULL,
	"payment_id" bigint NOT NULL,
	"order_id" bigint NOT NULL,
	"amount" bigint NOT NULL,
	"status" text NOT NULL,
	"reports_left" smallint DEFAULT 0 NOT NULL,
	"report_at" timestamp (3) with time zone,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "orders"."sandbox_refunds" (
	"refund_id" bigint PRIMARY KEY NOT NULL,
	"ref" text NOT NULL,
	"amount" bigint NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "orders"."time_sale_buyers" (
	"time_sale_id" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"quantity" integer NOT NULL,
	CONSTRAINT "time_sale_buyers_time_sale_id_user_id_pk" PRIMARY KEY("time_sale_id","user_id"),
	CONSTRAINT "time_sale_buyers_not_negative" CHECK ("orders"."time_sale_buyers"."quantity" >= 0)
);
--> statement-breakpoint
CREATE TABLE "orders"."time_sales" (
	"id" bigint PRIMARY KEY NOT NULL,
	"product_id" bigint NOT NULL,
	"sale_price" bigint NOT NULL,
	"quantity" integer NOT NULL,
	"stock" integer NOT NULL,
	"reserved" integer DEFAULT 0 NOT NULL,
	"sold" integer DEFAULT 0 NOT NULL,
	"returned" integer DEFAULT 0 NOT NULL,
	"limit_per_user" integer NOT NULL,
	"starts_at" timestamp (3) with time zone NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL,
	"announced" text DEFAULT 'SCHEDULED' NOT NULL,
	"created_by" bigint NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "time_sales_units" CHECK ("orders"."time_sales"."stock" >= 0 and "orders"."time_sales"."reserved" >= 0 and "orders"."time_sales"."sold" >= 0 and "orders"."time_sales"."returned" >= 0
        and "orders"."time_sales"."stock" + "orders"."time_sales"."reserved" + "orders"."time_sales"."sold" + "orders"."time_sales"."returned" = "orders"."time_sales"."quantity"),
	CONSTRAINT "time_sales_times" CHECK ("orders"."time_sales"."starts_at" < "orders"."time_sales"."ends_at")
);
--> statement-breakpoint
CREATE UNIQUE INDEX "orders_key" ON "orders"."orders" USING btree ("user_id","key");--> statement-breakpoint
CREATE INDEX "orders_of_user" ON "orders"."orders" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "orders_open" ON "orders"."orders" USING btree ("user_id") WHERE "orders"."orders"."status" in ('PENDING', 'RESERVED');--> statement-breakpoint
CREATE INDEX "orders_due" ON "orders"."orders" USING btree ("resume_at","id") WHERE "orders"."orders"."resume_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "payments_key" ON "orders"."payments" USING btree ("order_id","key");--> statement-breakpoint
CREATE UNIQUE INDEX "payments_provider_ref" ON "orders"."payments" USING btree ("order_id","provider_ref");--> statement-breakpoint
CREATE INDEX "products_popular" ON "orders"."products" USING btree ("sold","id") WHERE not "orders"."products"."hidden";--> statement-breakpoint
CREATE INDEX "products_listed" ON "orders"."products" USING btree ("id") WHERE not "orders"."products"."hidden";--> statement-breakpoint
CREATE INDEX "products_of_store" ON "orders"."products" USING btree ("store_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "refunds_key" ON "orders"."refunds" USING btree ("order_id","key");--> statement-breakpoint
CREATE INDEX "refunds_due" ON "orders"."refunds" USING btree ("resume_at","id") WHERE "orders"."refunds"."resume_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "sandbox_payments_payment" ON "orders"."sandbox_payments" USING btree ("payment_id");--> statement-breakpoint
CREATE INDEX "sandbox_payments_due" ON "orders"."sandbox_payments" USING btree ("report_at") WHERE "orders"."sandbox_payments"."report_at" is not null;--> statement-breakpoint
CREATE INDEX "sandbox_refunds_payment" ON "orders"."sandbox_refunds" USING btree ("ref");--> statement-breakpoint
CREATE INDEX "time_sales_product" ON "orders"."time_sales" USING btree ("product_id","sale_price") WHERE "orders"."time_sales"."announced" <> 'ENDED';--> statement-breakpoint
CREATE INDEX "time_sales_open" ON "orders"."time_sales" USING btree ("id") WHERE "orders"."time_sales"."announced" <> 'ENDED';--> statement-breakpoint
CREATE INDEX "time_sales_starting" ON "orders"."time_sales" USING btree ("starts_at") WHERE "orders"."time_sales"."announced" = 'SCHEDULED';--> statement-breakpoint
CREATE INDEX "time_sales_ending" ON "orders"."time_sales" USING btree ("ends_at") WHERE "orders"."time_sales"."announced" <> 'ENDED';