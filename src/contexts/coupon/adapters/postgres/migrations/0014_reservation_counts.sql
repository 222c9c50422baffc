CREATE TABLE "coupon"."reservation_counts" (
	"user_id" bigint PRIMARY KEY NOT NULL,
	"token" bigint NOT NULL,
	"is_ended" boolean NOT NULL,
	"counted_at" timestamp (3) with time zone NOT NULL
);
