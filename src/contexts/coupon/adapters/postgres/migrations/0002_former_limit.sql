ALTER TABLE "coupon"."coupon_policies" ADD COLUMN "former_issue_per_user" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE "coupon"."coupon_policies" AS "p" SET "former_issue_per_user" = "held"."most"
FROM (
  SELECT "policy_id", max("coupons") AS "most" FROM (
    SELECT "policy_id", count(*) AS "coupons" FROM "coupon"."coupon_issues" WHERE "status" <> 'CANCELLED' GROUP BY "policy_id", "user_id"
  ) AS "each" GROUP BY "policy_id"
) AS "held"
WHERE "held"."policy_id" = "p"."id" AND "held"."most" > "p"."max_issue_per_user";
