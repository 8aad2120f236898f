"""One narrow repository per aggregate, in domain words. A method runs inside the caller's
transaction and answers with a typed value; an expected "no" is a `booking.refusals.Refusal`."""
