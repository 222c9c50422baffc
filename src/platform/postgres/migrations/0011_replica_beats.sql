CREATE TABLE "platform"."replica_beats" (
	"reader" uuid PRIMARY KEY NOT NULL,
	"sent_ms" double precision NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL
);
