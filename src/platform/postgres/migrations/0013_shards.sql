CREATE TABLE "platform"."shards" (
	"context" text PRIMARY KEY NOT NULL,
	"shard" smallint NOT NULL,
	"eras" text NOT NULL
);
