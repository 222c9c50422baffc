CREATE SCHEMA "webhook";
--> statement-breakpoint
CREATE TABLE "webhook"."deliveries" (
	"endpoint_id" bigint NOT NULL,
	"id" bigserial NOT NULL,
	"event_id" text NOT NULL,
	"topic" text NOT NULL,
	"subject" text NOT NULL,
	"body" text,
	"status" text NOT NULL,
	"attempts" smallint DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"last_status" smallint,
	"last_error" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "deliveries_endpoint_id_id_pk" PRIMARY KEY("endpoint_id","id"),
	CONSTRAINT "deliveries_once" UNIQUE("endpoint_id","event_id"),
	CONSTRAINT "deliveries_ended" CHECK (("webhook"."deliveries"."status" = 'PENDING') = ("webhook"."deliveries"."finished_at" is null)),
	CONSTRAINT "deliveries_body" CHECK ("webhook"."deliveries"."body" is not null or "webhook"."deliveries"."status" <> 'PENDING')
);
--> statement-breakpoint
CREATE TABLE "webhook"."endpoints" (
	"id" bigint PRIMARY KEY NOT NULL,
	"url" text NOT NULL,
	"topics" text[] NOT NULL,
	"description" text NOT NULL,
	"enabled" boolean NOT NULL,
	"disabled_reason" text,
	"disabled_at" timestamp (3) with time zone,
	"secret" "bytea" NOT NULL,
	"previous_secret" "bytea",
	"previous_secret_until" timestamp (3) with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"failing_since" timestamp (3) with time zone,
	"resume_at" timestamp (3) with time zone,
	"lease" uuid,
	"lease_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "endpoints_disabled" CHECK ("webhook"."endpoints"."enabled" = ("webhook"."endpoints"."disabled_reason" is null)),
	CONSTRAINT "endpoints_disabled_at" CHECK (("webhook"."endpoints"."disabled_reason" is null) = ("webhook"."endpoints"."disabled_at" is null)),
	CONSTRAINT "endpoints_previous" CHECK (("webhook"."endpoints"."previous_secret" is null) = ("webhook"."endpoints"."previous_secret_until" is null)),
	CONSTRAINT "endpoints_failing" CHECK (("webhook"."endpoints"."failures" = 0) = ("webhook"."endpoints"."failing_since" is null))
);
--> statement-breakpoint
CREATE TABLE "webhook"."forgotten_users" (
	"subject" text PRIMARY KEY NOT NULL,
	"deleted_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "deliveries_waiting" ON "webhook"."deliveries" USING btree ("endpoint_id","id") WHERE "webhook"."deliveries"."status" = 'PENDING';--> statement-breakpoint
CREATE INDEX "deliveries_subject" ON "webhook"."deliveries" USING btree ("endpoint_id","subject","id") WHERE "webhook"."deliveries"."status" = 'PENDING';--> statement-breakpoint
CREATE INDEX "deliveries_finished" ON "webhook"."deliveries" USING btree ("finished_at") WHERE "webhook"."deliveries"."finished_at" is not null;--> statement-breakpoint
CREATE INDEX "deliveries_personal" ON "webhook"."deliveries" USING btree ("subject") WHERE "webhook"."deliveries"."topic" = 'user.signed_up';--> statement-breakpoint
CREATE INDEX "forgotten_users_deleted" ON "webhook"."forgotten_users" USING btree ("deleted_at");