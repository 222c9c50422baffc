CREATE TABLE "coupon"."coupon_name_claims" (
	"name" text NOT NULL,
	"holder" text NOT NULL,
	"shard" integer NOT NULL,
	"tries" integer NOT NULL,
	CONSTRAINT "coupon_name_claims_name_holder_pk" PRIMARY KEY("name","holder")
);
--> statement-breakpoint
ALTER TABLE "coupon"."coupon_codes" ADD COLUMN "claimed_at" timestamp (3) with time zone;