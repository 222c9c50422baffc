DROP TABLE "notification"."jobs" CASCADE;--> statement-breakpoint
CREATE TABLE "notification"."job_users" (
	"job_id" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	CONSTRAINT "job_users_job_id_user_id_pk" PRIMARY KEY("job_id","user_id")
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
	"once_key" text,
	"position" bigint DEFAULT 0 NOT NULL,
	"total" integer NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"written" integer DEFAULT 0 NOT NULL,
	"starts_at" timestamp (3) with time zone NOT NULL,
	"lease" uuid,
	"lease_until" timestamp (3) with time zone,
	"error" text,
	"created_by" bigint,
	"created_at" timestamp (3) with time zone NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "jobs_once_key_unique" UNIQUE("once_key"),
	CONSTRAINT "jobs_audience" CHECK (("notification"."jobs"."audience_id" is null) = ("notification"."jobs"."audience" = 'USERS'))
);
--> statement-breakpoint
CREATE INDEX "jobs_waiting" ON "notification"."jobs" USING btree ("id") WHERE "notification"."jobs"."status" in ('QUEUED', 'RUNNING');