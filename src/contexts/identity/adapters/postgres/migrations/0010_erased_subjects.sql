CREATE TABLE "identity"."subject_salts" (
	"id" integer PRIMARY KEY NOT NULL,
	"salt" text NOT NULL
);
