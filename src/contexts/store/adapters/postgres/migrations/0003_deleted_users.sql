CREATE TABLE "store"."deleted_users" (
	"user_id" bigint PRIMARY KEY NOT NULL
);
