ALTER TABLE "platform"."node_leases" ADD COLUMN "taken_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "platform"."node_leases" ADD COLUMN "clock_offset_ms" double precision;--> statement-breakpoint
ALTER TABLE "platform"."node_leases" ADD COLUMN "clock_measured_at" timestamp with time zone;