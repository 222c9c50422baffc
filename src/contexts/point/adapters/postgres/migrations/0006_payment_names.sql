ALTER TABLE "point"."charges" ADD COLUMN "reported_id" bigint;--> statement-breakpoint
-- A refund was named by the provider's reference where there was one, so a report without it was refunded again. Now the id names it. Of a
-- payment that has two refunds, both stay, and the audit of charges shows them.
UPDATE "point"."charge_refunds" AS r SET "reference" = r."payment_id"::text
WHERE (r."reference" <> 'own' OR r."provider_ref" = 'own') AND r."payment_id" <> r."charge_id" AND NOT EXISTS (
	SELECT FROM "point"."charge_refunds" AS o WHERE o."charge_id" = r."charge_id" AND o."id" <> r."id"
		AND (o."reference" = r."payment_id"::text OR (o."payment_id" = r."payment_id" AND o."id" < r."id")));--> statement-breakpoint
-- The charge keeps the reference of its own payment.
UPDATE "point"."charge_refunds" AS r SET "provider_ref" = NULL
WHERE r."reference" = 'own' AND EXISTS (
	SELECT FROM "point"."charge_refunds" AS o WHERE o."charge_id" = r."charge_id" AND o."id" <> r."id" AND o."provider_ref" = r."provider_ref");--> statement-breakpoint
CREATE UNIQUE INDEX "charge_refunds_provider_ref" ON "point"."charge_refunds" USING btree ("charge_id","provider_ref");
