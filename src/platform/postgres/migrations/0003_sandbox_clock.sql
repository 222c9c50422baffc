CREATE TABLE "platform"."sandbox_clock" (
	"one" boolean PRIMARY KEY NOT NULL,
	"ahead_ms" bigint NOT NULL,
	CONSTRAINT "sandbox_clock_one" CHECK ("platform"."sandbox_clock"."one")
);
