CREATE TABLE "notification"."deleted_notices" (
	"user_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"day" date NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "deleted_notices_user_id_kind_subject_day_pk" PRIMARY KEY("user_id","kind","subject","day")
);
--> statement-breakpoint
CREATE TABLE "notification"."rejected_facts" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"fact" json NOT NULL,
	"error" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "deleted_notices_created" ON "notification"."deleted_notices" USING btree ("created_at");