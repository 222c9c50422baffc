"""What the fuzzer checks beside its own checks: a request that the OpenAPI document allows is not refused as invalid."""

import json

import schemathesis

# Rules that a JSON schema cannot state. The documentation of the fields states them in words.
BEYOND_SCHEMAS = {
    # Between fields.
    "must be after startsAt",
    "must be after validFrom",
    "must be the sum of the lines",
    "must cost at most 2^53 - 1 together",
    "at most 366 days",
    "is required without lines",
    "must not repeat an earlier item",
    "must not repeat an earlier line",
    "exactly one of validDays and expireAt",
    "is for PERCENTAGE only",
    "is for EVENT only",
    "cannot be combined with limit and cursor",
    "must change something",
    # With what is stored.
    "must be 1 to the price of the product",
    "is for the clone of a policy that has one",
    # By who asks.
    "a machine names the user for whom it acts",
    "a machine names the owner",
    # By the kind of discount.
    "must be an integer",
    "must be at most 100 with at most two decimals",
    # Of the clock and the calendar.
    "must be in the future",
    "must be at most 30 days from now",
    "must be later: a policy whose window is over issues nothing",
    "must be in the years 1970 to 9999",
    "from and to must be days, in order",
    # Of lists elsewhere: of time zones, of common passwords, and of the letters of this version of Unicode.
    "must be an IANA time zone",
    "is one of the most common passwords; choose another one",
    "must not be blank",
    "must be 3 to 50 letters and digits, with spaces, _ and - between them",
    # Of standards with more rules than their format states.
    "must be an e-mail address",
    "must be an https URL",
    # Between the symbols of one text.
    "must be different letters and digits",
    "must end at another time than they begin",
    "has two symbols that are read as",
    "different ones it takes",
    # Of texts that are shorter when they are composed (NFC).
    "must have 10 to 128 characters",
    # Of files: what is in them.
    "must be a JPEG, PNG or WebP",
    "must be the one part of a multipart body",
    "the file has no users",
    # Of ids with 19 digits.
    "is out of range",
}


@schemathesis.check
def valid_request_is_understood(ctx, response, case):
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code != 400:
        return
    # Ids are also drawn from earlier responses, in which some are null.
    if "null" in case.path_parameters.values():
        return
    problem = json.loads(response.content)
    if problem["code"] != "VALIDATION_FAILED":
        return
    unknown = [
        error for error in problem.get("errors", []) if not any(rule in error["message"] for rule in BEYOND_SCHEMAS)
    ]
    assert not unknown, f"The document allows what was refused: {json.dumps(unknown, ensure_ascii=False)}"
