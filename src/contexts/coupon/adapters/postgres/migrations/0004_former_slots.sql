-- A limit that was lowered before 0002 also shows by the place of a coupon whose user holds no more than the present limit any more.
UPDATE "coupon"."coupon_policies" AS "p" SET "former_issue_per_user" = "held"."most"
FROM (
  SELECT "policy_id", max("slot") + 1 AS "most" FROM "coupon"."coupon_issues" WHERE "slot" > 0 GROUP BY "policy_id"
) AS "held"
WHERE "held"."policy_id" = "p"."id" AND "held"."most" > greatest("p"."max_issue_per_user", "p"."former_issue_per_user");
