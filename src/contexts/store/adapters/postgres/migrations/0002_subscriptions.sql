CREATE TABLE "store"."followed_policies" (
	"policy_id" bigint PRIMARY KEY NOT NULL,
	"store_id" bigint,
	"name" text NOT NULL,
	"opens_at" timestamp (3) with time zone NOT NULL,
	"is_suspended" boolean DEFAULT false NOT NULL,
	"has_ended" boolean DEFAULT false NOT NULL,
	"followers" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "store"."opened_policies" (
	"policy_id" bigint PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "store"."subscriptions" (
	"type" text NOT NULL,
	"target_id" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"id" bigint NOT NULL,
	CONSTRAINT "subscriptions_type_target_id_user_id_pk" PRIMARY KEY("type","target_id","user_id"),
	CONSTRAINT "subscriptions_type" CHECK ("store"."subscriptions"."type" in ('STORE', 'POLICY'))
);
--> statement-breakpoint
ALTER TABLE "store"."stores" ADD COLUMN "followers" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "followed_policies_opening" ON "store"."followed_policies" USING btree ("opens_at");--> statement-breakpoint
CREATE INDEX "followed_policies_ended" ON "store"."followed_policies" USING btree ("policy_id") WHERE "store"."followed_policies"."has_ended";--> statement-breakpoint
CREATE INDEX "subscriptions_user" ON "store"."subscriptions" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "stores_deleted_at" ON "store"."stores" USING btree ("deleted_at") WHERE "store"."stores"."deleted_at" is not null;