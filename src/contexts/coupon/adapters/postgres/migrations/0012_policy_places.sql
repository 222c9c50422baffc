CREATE TABLE "coupon"."policy_moves" (
	"policy_id" bigint PRIMARY KEY NOT NULL,
	"to_shard" integer NOT NULL,
	"rows" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "coupon"."policy_places" (
	"policy_id" bigint PRIMARY KEY NOT NULL,
	"shard" integer NOT NULL,
	"from_shard" integer NOT NULL,
	"is_settled" boolean NOT NULL,
	"moves" integer NOT NULL
);
