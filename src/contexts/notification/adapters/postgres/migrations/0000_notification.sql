CREATE SCHEMA "notification";
--> statement-breakpoint
CREATE TABLE "notification"."deliveries" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"user_id" bigint NOT NULL,
	"channel" text NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"day" date NOT NULL,
	"number" bigint NOT NULL,
	"state" text NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"claimed_until" timestamp (3) with time zone,
	CONSTRAINT "deliveries_once" UNIQUE("user_id","channel","kind","subject","day")
);
--> statement-breakpoint
CREATE TABLE "notification"."delivery_batches" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"user_ids" bigint[] NOT NULL,
	"numbers" bigint[] NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notification"."inboxes" (
	"user_id" bigint PRIMARY KEY NOT NULL,
	"last_number" bigint DEFAULT 0 NOT NULL,
	"read_up_to" bigint DEFAULT 0 NOT NULL,
	"unread" integer DEFAULT 0 NOT NULL,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "inboxes_unread" CHECK ("notification"."inboxes"."unread" >= 0)
);
--> statement-breakpoint
CREATE TABLE "notification"."intake" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"size" integer NOT NULL,
	"facts" json NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notification"."jobs" (
	"id" bigint PRIMARY KEY NOT NULL,
	"audience" text NOT NULL,
	"audience_id" bigint,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"day" date NOT NULL,
	"data" jsonb NOT NULL,
	"status" text NOT NULL,
	"after_user" bigint DEFAULT 0 NOT NULL,
	"total" bigint,
	"written" bigint DEFAULT 0 NOT NULL,
	"lease_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "notification"."notices" (
	"user_id" bigint NOT NULL,
	"number" bigint NOT NULL,
	"id" bigint NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"day" date NOT NULL,
	"data" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"read_at" timestamp (3) with time zone,
	CONSTRAINT "notices_user_id_number_pk" PRIMARY KEY("user_id","number"),
	CONSTRAINT "notices_once" UNIQUE("user_id","kind","subject","day")
);
--> statement-breakpoint
CREATE TABLE "notification"."preferences" (
	"user_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"channel" text NOT NULL,
	"enabled" boolean NOT NULL,
	CONSTRAINT "preferences_user_id_kind_channel_pk" PRIMARY KEY("user_id","kind","channel")
);
--> statement-breakpoint
CREATE TABLE "notification"."push_subscriptions" (
	"endpoint" text PRIMARY KEY NOT NULL,
	"user_id" bigint NOT NULL,
	"p256dh" text NOT NULL,
	"auth" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notification"."settings" (
	"user_id" bigint PRIMARY KEY NOT NULL,
	"timezone" text,
	"language" text,
	"expiry_days" integer[],
	"quiet_from" text,
	"quiet_until" text
);
--> statement-breakpoint
CREATE TABLE "notification"."suppressions" (
	"address" text PRIMARY KEY NOT NULL,
	"reason" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "deliveries_due" ON "notification"."deliveries" USING btree ("due_at") WHERE "notification"."deliveries"."state" = 'PENDING';--> statement-breakpoint
CREATE INDEX "notices_created" ON "notification"."notices" USING brin ("created_at");--> statement-breakpoint
CREATE INDEX "push_subscriptions_user" ON "notification"."push_subscriptions" USING btree ("user_id");