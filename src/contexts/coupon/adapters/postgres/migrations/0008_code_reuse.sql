DROP INDEX "coupon"."coupon_policies_code";--> statement-breakpoint
DROP INDEX "coupon"."coupon_issues_code";--> statement-breakpoint
CREATE UNIQUE INDEX "coupon_issues_code" ON "coupon"."coupon_issues" USING btree ("code") WHERE "coupon"."coupon_issues"."code" is not null and not "coupon"."coupon_issues"."returned";